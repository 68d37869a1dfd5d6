"""Demonstrations decoded and resized once, read from disk as needed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeOpener
from cairn.episodes.bridge.open_bridge import bridge_sources
from cairn.hardware.errors import CairnError
from cairn.policies.bridge.demonstration import Demonstration, key_of, task_of
from cairn.policies.bridge.settings import ModelSettings
from cairn.policies.image_transform import KERNELS
from cairn.policies.training.stopped import TrainingStoppedError

_VERSION = 1
_FRAMES, _NUMBERS, _DESCRIPTION = "frames.npy", "numbers.npz", "demonstrations.json"


@dataclass(frozen=True)
class FrameSettings:
    """How images are kept.

    Attributes:
        width, height: pixels.
        kernel: of the resizing, by its name in a bundle.
        cameras: numbers of those that are kept; None: all.
    """

    width: int
    height: int
    kernel: str
    cameras: tuple[int, ...] | None = None

    @classmethod
    def of(cls, model: ModelSettings, cameras: tuple[int, ...] | None = None) -> FrameSettings:
        """As a model needs them."""
        return cls(model.resized_width, model.resized_height, model.kernel, cameras)


@dataclass(frozen=True, eq=False)
class FrameStore:
    """All demonstrations of one data set.

    Attributes:
        frames: uint8, RGB, shape (F, height, width, 3), mapped from disk.
        actions: float64, shape (N, 7), as recorded; NaN where a step has none.
        states: float64, shape (N, 7).
        demonstrations: in the order of their rows.
        problems: what could not be read, in words.
    """

    frames: NDArray[np.uint8]
    actions: NDArray[np.float64]
    states: NDArray[np.float64]
    demonstrations: tuple[Demonstration, ...]
    problems: tuple[str, ...]


def open_frames(
    path: Path,
    directory: Path,
    settings: FrameSettings,
    progress: Callable[[int], None] = lambda done: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> FrameStore:
    """The frames of the data set at `path`, made below `directory` where they are not there yet.

    What changes below `path` makes them anew.  `progress` is called with the number of demonstrations read.

    Raises:
        TrainingStoppedError: `should_stop` said so between two demonstrations.
        CairnError: there is nothing to read, or no whole demonstration.
    """
    target = directory / _digest(path, settings)
    if not target.is_dir():
        unfinished = target.with_name(f".{target.name}.unfinished-{os.getpid()}")
        unfinished.mkdir(parents=True)
        try:
            _convert(path, unfinished, settings, progress, should_stop)
            unfinished.rename(target)
        except OSError as error:
            raise CairnError(f"{target} can't be written: {error}") from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return _load(target)


def _convert(
    path: Path,
    directory: Path,
    settings: FrameSettings,
    progress: Callable[[int], None],
    should_stop: Callable[[], bool],
) -> None:
    demonstrations: list[Demonstration] = []
    problems: list[str] = []
    actions: list[NDArray[np.float64]] = []
    states: list[NDArray[np.float64]] = []
    frame = row = 0
    with (directory / "raw").open("wb") as raw:
        for opener in _openers(path, problems):
            if should_stop():
                raise TrainingStoppedError(f"stopped while reading {path}; it is read again next time")
            try:
                trajectory = opener()
                cameras = _cameras(trajectory.info.cameras, settings)
                steps = list(trajectory.steps())
                frames = _resized(steps, cameras, settings)
            except CairnError as error:
                problems.append(str(error))
                continue
            if not any(step.action is not None for step in steps):
                problems.append(f"{trajectory.info.source}, {trajectory.info.name}: there is no action")
                continue
            info = trajectory.info
            demonstrations.append(
                Demonstration(
                    name=info.name,
                    source=str(info.source),
                    key=key_of(info, path.resolve().name),
                    task=task_of(info),
                    split=info.split,
                    cameras=cameras,
                    start=row,
                    length=len(steps),
                    frame=frame,
                )
            )
            raw.write(frames.tobytes())
            actions.append(np.array([_action(step) for step in steps]))
            states.append(np.array([step.state for step in steps]))
            row, frame = row + len(steps), frame + len(frames)
            progress(len(demonstrations))
    if not demonstrations:
        said = "; ".join(problems) or "there is none"
        raise CairnError(f"{path}: expected at least one whole demonstration: {said}")
    _as_npy(directory / "raw", directory / _FRAMES, (frame, settings.height, settings.width, 3))
    np.savez(directory / _NUMBERS, actions=np.concatenate(actions), states=np.concatenate(states))
    description = {
        "demonstrations": [asdict(demonstration) for demonstration in demonstrations],
        "problems": problems,
    }
    (directory / _DESCRIPTION).write_text(json.dumps(description))


def _openers(path: Path, problems: list[str]) -> Iterator[BridgeOpener]:
    """Of all that is there; a damaged file is noted."""
    for source in bridge_sources(path):
        try:
            yield from source()
        except CairnError as error:
            problems.append(str(error))


def _cameras(found: tuple[int, ...], settings: FrameSettings) -> tuple[int, ...]:
    kept = tuple(camera for camera in found if settings.cameras is None or camera in settings.cameras)
    if not kept:
        raise CairnError(f"expected one of cameras {settings.cameras}, got {found}")
    return kept


def _resized(steps: list[BridgeStep], cameras: tuple[int, ...], settings: FrameSettings) -> NDArray[np.uint8]:
    """Camera by camera, shape (cameras · T, height, width, 3)."""
    size = (settings.width, settings.height)
    frames = np.empty((len(cameras) * len(steps), settings.height, settings.width, 3), np.uint8)
    rows = iter(frames)
    for camera in cameras:
        for step in steps:
            if camera not in step.pictures:
                raise CairnError(f"a step lacks the image of camera {camera}; it has {sorted(step.pictures)}")
            pixels = step.pictures[camera].pixels()
            cv2.resize(pixels, size, dst=next(rows), interpolation=KERNELS[settings.kernel])
    return frames


def _action(step: BridgeStep) -> NDArray[np.float64]:
    return np.full(len(step.state), np.nan) if step.action is None else step.action


def _as_npy(raw: Path, path: Path, shape: tuple[int, ...]) -> None:
    """Put a header before bytes, without having them in memory."""
    with path.open("wb") as out, raw.open("rb") as content:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_2_0(out, header)
        shutil.copyfileobj(content, out, 1 << 20)
    raw.unlink()


def _load(directory: Path) -> FrameStore:
    try:
        frames = np.load(directory / _FRAMES, mmap_mode="r", allow_pickle=False)
        with np.load(directory / _NUMBERS, allow_pickle=False) as numbers:
            actions, states = numbers["actions"], numbers["states"]
        description: dict[str, Any] = json.loads((directory / _DESCRIPTION).read_text())
        demonstrations = tuple(
            Demonstration(**(entry | {"cameras": tuple(entry["cameras"])}))
            for entry in description["demonstrations"]
        )
        problems = tuple(description["problems"])
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise CairnError(f"{directory} is damaged ({error}): remove it, it is made again") from error
    return FrameStore(frames, actions, states, demonstrations, problems)


def _digest(path: Path, settings: FrameSettings) -> str:
    """Of what is read and how; any change of a file below `path` changes it."""
    if not path.exists():
        raise CairnError(f"{path} is not there")
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    facts = [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files]
    text = json.dumps([_VERSION, str(path.resolve()), asdict(settings), facts])
    return f"{path.resolve().name[:40]}-{blake2b(text.encode(), digest_size=8).hexdigest()}"
