"""Find demonstrations of Bridge Data, in whatever format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from cairn.episodes.bridge.arm_bag_reader import bag_demonstrations
from cairn.episodes.bridge.bridge_trajectory import BridgeOpener
from cairn.episodes.bridge.lerobot_reader import lerobot_demonstrations
from cairn.episodes.bridge.numpy_reader import FILE, numpy_demonstrations
from cairn.episodes.bridge.raw_reader import OBSERVATIONS, raw_demonstrations
from cairn.episodes.bridge.rlds_reader import is_shard, rlds_demonstrations
from cairn.hardware.errors import CairnError

BridgeSource = Callable[[], Iterator[BridgeOpener]]
"""Finds the demonstrations of a file or directory.  Raises CairnError where it is damaged."""


def bridge_sources(path: Path) -> list[BridgeSource]:
    """What is in or below a path, each readable where another is damaged.

    Raises CairnError when there is nothing to read.
    """
    if not path.exists():
        raise CairnError(f"{path} is not there")
    files = [path] if path.is_file() else [file for file in path.rglob("*") if _is_visible(file, path)]
    folders = {file if file == path else file.parent for file in files if is_shard(file)}
    sources: list[BridgeSource] = [partial(rlds_demonstrations, folder) for folder in sorted(folders)]
    sources += [partial(numpy_demonstrations, file) for file in sorted(files) if file.name == FILE]
    if any(file.name == OBSERVATIONS for file in files):
        sources.append(partial(raw_demonstrations, path))
    bags = {file if file == path else file.parent for file in files if file.suffix in (".mcap", ".db3")}
    sources += [partial(bag_demonstrations, bag) for bag in sorted(bags)]
    sources += [
        partial(lerobot_demonstrations, file.parents[1])
        for file in sorted(files)
        if file.name == "info.json" and file.parent.name == "meta"
    ]
    if not sources:
        raise CairnError(
            f"{path} holds no Bridge Data; expected *.tfrecord-00000-of-00001, {FILE}, raw directories "
            f"with {OBSERVATIONS}, bags of an arm or LeRobot data sets with meta/info.json"
        )
    return sources


def _is_visible(file: Path, base: Path) -> bool:
    """Whether it is no part of something hidden, such as a data set that was never completed."""
    return not any(part.startswith(".") for part in file.relative_to(base).parts)
