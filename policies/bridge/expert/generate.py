"""Demonstrations of many kitchens, kept and failed apart."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cairn.episodes.bridge.raw_writer import RawWriter
from cairn.episodes.fan_out import FanOut
from cairn.hardware.errors import CairnError
from cairn.policies.bridge.expert.demonstrate import SIZE, demonstrate

KEPT, FAILED = "kept", "failed"
LABELS = "labels.jsonl"


@dataclass(frozen=True)
class Label:
    """What became of one demonstration.

    Attributes:
        succeeded: by physics.
        ending: "done", or what went wrong.
        steps: with an action.
    """

    domain: str
    task: str
    seed: int
    succeeded: bool
    ending: str
    steps: int


def generate(
    directory: Path,
    kitchens: Iterable[tuple[str, str, int]],
    fan_out: FanOut,
    size: tuple[int, int] = SIZE,
) -> Iterator[Label]:
    """Demonstrate in each (domain, task, seed) that `directory` has none of; yields labels as they come.

    Raw directories of Bridge Data go to `kept/<domain>/<task>/<seed>/`, those that did not succeed to
    `failed/`; `labels.jsonl` has a line for each.  Raises CairnError for kitchens that do not exist, or when
    the directory can't be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CairnError(f"{directory} can't be written: {error.strerror}") from error
    missing = [
        (directory, *kitchen, size)
        for kitchen in kitchens
        if not any(_folder(directory / kind, *kitchen).exists() for kind in (KEPT, FAILED))
    ]
    for label in fan_out(_generate, missing):
        with (directory / LABELS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(label)) + "\n")
        yield label


def _generate(directory: Path, domain: str, task: str, seed: int, size: tuple[int, int]) -> Label:
    demonstration = demonstrate(domain, task, seed, size)
    kind = KEPT if demonstration.succeeded else FAILED
    folder = _folder(directory / kind, domain, task, seed)
    unfinished = directory / f".{domain}-{task}-{seed:04d}.{os.getpid()}"
    try:
        unfinished.mkdir()
        writer = RawWriter(unfinished)
        steps = writer.write(demonstration)
        writer.close()
        folder.parent.mkdir(parents=True, exist_ok=True)
        (unfinished / task / "00").rename(folder)
    except OSError as error:
        raise CairnError(f"{folder} can't be written: {error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Label(domain, task, seed, demonstration.succeeded, demonstration.ending, steps)


def _folder(kind: Path, domain: str, task: str, seed: int) -> Path:
    return kind / domain / task / f"{seed:04d}"
