"""Demonstrations in the `out.npy` files of Bridge Data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cairn.episodes.bridge.bridge_split import SPLITS
from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo, BridgeOpener, BridgeTrajectory
from cairn.episodes.formats.array_pickle import PickleRefused, load_stream
from cairn.episodes.picture import Picture
from cairn.hardware.errors import CairnError

FILE = "out.npy"
OBSERVATIONS, NEXT, ACTIONS = "observations", "next_observations", "actions"
TERMINALS, LANGUAGE = "terminals", "language"
LARGEST_FILE = 4 * 2**30

_CAMERA = re.compile(r"images(\d{1,2})")
_TOLERANCE = 1e-5


def numpy_demonstrations(path: Path) -> Iterator[BridgeOpener]:
    """The demonstrations of one file, which is in memory as a whole.

    Task and split are as in `<task>/<number>/<split>/out.npy`.

    Raises CairnError when the file is larger than 4 GiB, or holds anything but plain values and arrays.
    """
    content = _loaded(path)
    folder = path.resolve().parent
    split = folder.name if folder.name in SPLITS else ""
    task = folder.parents[1].name if split and folder.parent.name.isdigit() else ""
    for index, demonstration in enumerate(content):
        yield partial(NumpyTrajectory, demonstration, f"{split or path.stem}-{index:06d}", path, split, task)


class NumpyTrajectory(BridgeTrajectory):
    """One dictionary.  Raises CairnError when it lacks something, or its lists differ in length."""

    def __init__(self, content: Any, name: str, source: Path, split: str, task: str) -> None:
        self._place = f"{source}, {name}"
        if not isinstance(content, dict) or not {OBSERVATIONS, NEXT, ACTIONS} <= content.keys():
            found = sorted(map(str, content)) if isinstance(content, dict) else type(content).__name__
            raise CairnError(f"{self._place}: expected {OBSERVATIONS}, {NEXT} and {ACTIONS}, got {found}")
        self._content = content
        lengths = {key: _length(content[key]) for key in (OBSERVATIONS, NEXT, ACTIONS)}
        if len(set(lengths.values())) != 1 or not lengths[ACTIONS]:
            raise CairnError(f"{self._place}: expected as many of each, got {lengths}")
        observations = [*content[OBSERVATIONS], content[NEXT][-1]]
        if not all(isinstance(observation, dict) and "state" in observation for observation in observations):
            raise CairnError(f"{self._place}: expected dictionaries with a state as {OBSERVATIONS}")
        self._observations = observations
        self._check_continuity()
        self._cameras = {
            int(match[1]): key for key in observations[0] if (match := _CAMERA.fullmatch(str(key)))
        }
        super().__init__(
            BridgeInfo(
                name=name,
                source=source,
                cameras=tuple(sorted(self._cameras)),
                language=_language(content.get(LANGUAGE)),
                task=task,
                split=split,
                provenance=str(source),
            )
        )

    def steps(self) -> Iterator[BridgeStep]:
        self.left_out.clear()
        known = {OBSERVATIONS, NEXT, ACTIONS, TERMINALS, LANGUAGE}
        self.left_out.update(str(key) for key in self._content if key not in known)
        known = {"state", "time_stamp", *self._cameras.values()}
        self.left_out.update(str(key) for key in self._observations[0] if key not in known)
        actions = [*self._content[ACTIONS], None]
        terminals = self._content.get(TERMINALS)
        for t, (observation, action) in enumerate(zip(self._observations, actions, strict=True)):
            try:
                yield self._step(
                    observation,
                    action,
                    terminals is not None and t < _length(terminals) and bool(terminals[t]),
                )
            except CairnError as error:
                raise CairnError(f"{self._place}, step {t}: {error}") from error

    def _step(self, observation: dict[str, Any], action: Any, is_terminal: bool) -> BridgeStep:
        pictures = {}
        for camera, key in self._cameras.items():
            image = observation.get(key)
            if not isinstance(image, np.ndarray):
                raise CairnError(f"there is no image {key}")
            pictures[camera] = Picture.of(image)
        stamp = observation.get("time_stamp")
        return BridgeStep(
            pictures,
            observation["state"],
            action,
            stamp=float(stamp) if isinstance(stamp, (int, float)) else None,
            is_terminal=is_terminal,
        )

    def _check_continuity(self) -> None:
        """What comes next must be what is observed next: a step has one place for both."""
        for t, (after, observed) in enumerate(
            zip(self._content[NEXT][:-1], self._content[OBSERVATIONS][1:], strict=True)
        ):
            if not isinstance(after, dict) or not np.allclose(
                np.asarray(after.get("state"), np.float64),
                np.asarray(observed["state"], np.float64),
                atol=_TOLERANCE,
                equal_nan=True,
            ):
                raise CairnError(
                    f"{self._place}, step {t}: the next observation is not the one observed next"
                )


def _length(value: Any) -> int:
    return len(value) if isinstance(value, (list, tuple, np.ndarray)) else 0


def _language(value: Any) -> tuple[str, ...]:
    lines = [value] if isinstance(value, str) else value if isinstance(value, (list, tuple)) else []
    return tuple(
        line.strip() for line in lines if isinstance(line, str) and line.strip() and "confidence" not in line
    )


def _loaded(path: Path) -> list[Any]:
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE or path.is_symlink():
            raise PickleRefused(
                f"{path} is a link, or larger than the {LARGEST_FILE >> 30} GiB that are read"
            )
        with path.open("rb") as stream:
            _check_header(stream, path)
            content = load_stream(stream, size, path, objects=True)
    except OSError as error:
        raise CairnError(f"{path} can't be read: {error.strerror}") from error
    if not isinstance(content, list):
        raise CairnError(f"{path}: expected a row of demonstrations, got a {type(content).__name__}")
    return content


def _check_header(stream: BinaryIO, path: Path) -> None:
    """Of an array of objects, whose content follows as a pickle."""
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in read:
            raise ValueError(f"version {version}")
        shape, _, dtype = read[version](stream)
    # numpy reads the header as Python source: a damaged one raises whatever its tokenizer does.
    except Exception as error:
        raise CairnError(f"{path} is no .npy file: {error}") from error
    if not dtype.hasobject or dtype.names is not None or len(shape) != 1:
        raise CairnError(f"{path}: expected a row of objects, got {dtype} of shape {shape}")
