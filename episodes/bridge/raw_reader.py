"""Demonstrations in the raw directories of Bridge Data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bridge.bridge_step import DIMENSIONS, BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo, BridgeOpener, BridgeTrajectory
from cairn.episodes.formats.array_pickle import PickleRefused, load
from cairn.episodes.picture import Picture
from cairn.hardware.errors import CairnError

OBSERVATIONS, ACTIONS, AGENT = "obs_dict.pkl", "policy_out.pkl", "agent_data.pkl"
LANGUAGE = "lang.txt"
STATE, STAMPS = "full_state", "time_stamp"
DATE_FORMAT = "%Y-%m-%d_%H-%M-%S"
POLICY = "policy/"
LATE_CAMERA_UNTIL = datetime(2021, 7, 23)
"""Before, images and states lagged the actions by one step, as the publishers' own conversion has it."""

_CAMERA = re.compile(r"images(\d{1,2})")
_LARGEST_TEXT = 2**20


def raw_demonstrations(path: Path) -> Iterator[BridgeOpener]:
    """The demonstrations in and below a directory, by path in natural order."""
    for folder in sorted(_folders(path), key=lambda folder: [_natural(part) for part in folder.parts]):
        yield partial(RawTrajectory, folder, _name(folder, path))


class RawTrajectory(BridgeTrajectory):
    """One folder `traj<j>`: pickles, `images<k>/im_<t>.jpg` and perhaps `lang.txt`.

    There is one observation more than there are actions.  Images are read step by step.  Links are not
    followed: data sets come from elsewhere.  Raises CairnError when the folder lacks something, a pickle
    holds more than plain values and arrays, or lengths differ.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        observations = _loaded(folder / OBSERVATIONS)
        if not isinstance(observations, dict):
            raise CairnError(
                f"{folder / OBSERVATIONS}: expected a dictionary, got a {type(observations).__name__}"
            )
        self._states = _states(observations, folder / OBSERVATIONS)
        self._policy = _policy(_loaded(folder / ACTIONS), folder / ACTIONS)
        count = len(self._states)
        if len(self._policy) != count - 1:
            raise CairnError(
                f"{folder}: expected one state more than actions, got {count} states and "
                f"{len(self._policy)} actions"
            )
        self._stamps = _series(observations.get(STAMPS), count)
        self._extras = {
            key: series
            for key, value in observations.items()
            if isinstance(key, str)
            and key not in (STATE, STAMPS)
            and (series := _series(value, count)) is not None
        }
        self._unread = [
            str(key)
            for key in observations
            if key not in self._extras and key not in (STATE, *([] if self._stamps is None else [STAMPS]))
        ]
        self._cameras = _cameras(folder, count)
        self._shift = 1 if (date := _date(folder)) is not None and date < LATE_CAMERA_UNTIL else 0
        super().__init__(
            BridgeInfo(
                name=name,
                source=folder,
                cameras=tuple(sorted(self._cameras)),
                language=_language(folder / LANGUAGE),
                task=_task(folder),
                provenance=str(folder),
            )
        )

    def steps(self) -> Iterator[BridgeStep]:
        self.left_out.clear()
        self.left_out.update(self._unread)
        self._note_other_files()
        if self._shift:
            self.left_out["first observation and last action, for the camera was late in 2021"] += 1
        last = len(self._states) - 1
        for t in range(self._shift, last + 1):
            policy = self._policy[t - self._shift] if t < last else {}
            try:
                yield self._step(t, policy)
            except CairnError as error:
                raise CairnError(f"{self._folder}, step {t}: {error}") from error

    def _step(self, t: int, policy: dict[str, Any]) -> BridgeStep:
        extras = {key: series[t] for key, series in self._extras.items()}
        for key, value in policy.items():
            if key != "actions" and (numbers := _numbers(value)) is not None:
                extras[POLICY + key] = numbers
        return BridgeStep(
            {camera: Picture.in_file(folder / f"im_{t}.jpg") for camera, folder in self._cameras.items()},
            self._states[t],
            policy.get("actions"),
            stamp=None if self._stamps is None else float(self._stamps[t]),
            extras=extras,
        )

    def _note_other_files(self) -> None:
        known = {OBSERVATIONS, ACTIONS, AGENT, LANGUAGE, *(f"images{camera}" for camera in self._cameras)}
        self.left_out.update(entry.name for entry in self._folder.iterdir() if entry.name not in known)
        self.left_out.update(
            f"{ACTIONS}: {key}" for key, value in self._policy[0].items() if _numbers(value) is None
        )
        agent = self._folder / AGENT
        if agent.exists():
            try:
                if _loaded(agent):
                    self.left_out[AGENT] += 1
            except PickleRefused as error:
                self.left_out[str(error)] += 1


def _folders(path: Path) -> Iterator[Path]:
    for found in path.rglob(OBSERVATIONS):
        below = found.relative_to(path).parts
        if not any(part.startswith(".") for part in below) and not found.parent.is_symlink():
            yield found.parent


def _name(folder: Path, root: Path) -> str:
    """The way to it from `root`."""
    parts = [part for part in folder.relative_to(root).parts if part != "raw"]
    return "-".join(parts)[-200:].lstrip("-.") or folder.resolve().name


def _natural(part: str) -> tuple[Any, ...]:
    """So that traj10 comes after traj9."""
    return tuple(
        (0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in re.split(r"(\d+)", part)
    )


def _loaded(path: Path) -> Any:
    if path.is_symlink():
        raise PickleRefused(f"{path} is a link; links are not followed")
    return load(path, objects=True)


def _states(observations: dict[Any, Any], path: Path) -> NDArray[np.float64]:
    for key in (STATE, "state"):
        if (states := _numbers(observations.get(key))) is not None:
            if states.ndim == 2 and states.shape[1] == DIMENSIONS and len(states) > 1:
                return states
            raise CairnError(f"{path}: expected {key} of shape (T > 1, {DIMENSIONS}), got {states.shape}")
    raise CairnError(f"{path}: expected numbers {STATE}, got {', '.join(sorted(map(str, observations)))}")


def _policy(content: Any, path: Path) -> list[dict[str, Any]]:
    """One dictionary a step; older data has the actions alone."""
    if not isinstance(content, (list, np.ndarray)) or not len(content):
        raise CairnError(f"{path}: expected a list, one entry a step, got a {type(content).__name__}")
    entries = [entry if isinstance(entry, dict) else {"actions": entry} for entry in content]
    for t, entry in enumerate(entries):
        if "actions" not in entry:
            raise CairnError(f"{path}, step {t}: expected actions, got {', '.join(sorted(map(str, entry)))}")
    return entries


def _numbers(value: Any) -> NDArray[np.float64] | None:
    """As an array; None for what is none."""
    if value is None or isinstance(value, (str, bytes, dict)):
        return None
    try:
        return np.array(value, np.float64)
    except (TypeError, ValueError):
        return None


def _series(value: Any, count: int) -> NDArray[np.float64] | None:
    """Numbers with one entry a step; None for what is none."""
    numbers = _numbers(value)
    return numbers if numbers is not None and numbers.ndim >= 1 and len(numbers) == count else None


def _cameras(folder: Path, count: int) -> dict[int, Path]:
    found = {}
    for entry in folder.iterdir():
        if (match := _CAMERA.fullmatch(entry.name)) is None:
            continue
        if entry.is_symlink() or not entry.is_dir():
            raise CairnError(f"{entry} is no directory; links are not followed")
        images = sum(1 for _ in entry.glob("im_*.jpg"))
        if images != count:
            raise CairnError(f"{entry}: expected {count} images, one a state, got {images}")
        found[int(match[1])] = entry
    if not found:
        raise CairnError(f"{folder}: expected images0 with im_0.jpg, im_1.jpg and so on")
    return found


def _language(path: Path) -> tuple[str, ...]:
    """Its lines, but for those that say how sure somebody was."""
    if not path.is_file() or path.is_symlink():
        return ()
    with path.open("rb") as stream:
        text = stream.read(_LARGEST_TEXT).decode("utf-8", "replace")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and "confidence" not in line)


def _date_folder(folder: Path) -> Path | None:
    for parent in folder.resolve().parents:
        if _parsed(parent.name) is not None:
            return parent
    return None


def _parsed(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, DATE_FORMAT)
    except ValueError:
        return None


def _date(folder: Path) -> datetime | None:
    dated = _date_folder(folder)
    return None if dated is None else _parsed(dated.name)


def _task(folder: Path) -> str:
    """As in `<task>/<number>/<date>/raw/…`."""
    dated = _date_folder(folder)
    if dated is None or not dated.parent.name.isdigit():
        return ""
    return dated.parent.parent.name
