"""Trajectories of LeRobot data sets, version 3.0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa

from cairn.episodes.formats import lerobot_layout as layout
from cairn.episodes.formats.lerobot_files import (
    episode_frames,
    episode_rows,
    read_json,
    rows_of,
    whole_number,
)
from cairn.episodes.picture import Picture
from cairn.episodes.step import PlanarPose, Step
from cairn.episodes.step_tally import DropReason, StepTally
from cairn.episodes.trajectory import Trajectory, TrajectoryInfo
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist

_POSE = ("x", "y", "yaw")
_TWIST = ("linear_velocity", "angular_velocity")


@dataclass(frozen=True)
class _Columns:
    """Where in `observation.state` and `action` the numbers of a step are; no places: unknown."""

    pose: tuple[int, ...]
    velocity: tuple[int, ...]
    command: tuple[int, ...]


class LerobotTrajectory(Trajectory):
    """One episode: its rows and the stretch of its video, read side by side.

    The state must name x, y and yaw; what else is named as Cairn names it is read too.
    """

    def __init__(self, directory: Path, info: TrajectoryInfo, row: Mapping[str, Any], key: str) -> None:
        super().__init__(info)
        self._index = whole_number(row["episode_index"])
        video = f"videos/{key}"
        self._data = directory / layout.DATA_PATH.format(
            chunk_index=whole_number(row["data/chunk_index"]), file_index=whole_number(row["data/file_index"])
        )
        self._video = directory / layout.VIDEO_PATH.format(
            video_key=key,
            chunk_index=whole_number(row[f"{video}/chunk_index"]),
            file_index=whole_number(row[f"{video}/file_index"]),
        )
        self._begin = float(row[f"{video}/from_timestamp"])
        self._columns = _columns(read_json(directory / layout.INFO_PATH))

    def steps(self) -> Iterator[Step]:
        """See `Trajectory`; steps with numbers that are not finite or without a frame are left out."""
        self.tally = StepTally()
        try:
            yield from self._steps()
        except (OSError, pa.ArrowException, av.FFmpegError) as error:
            raise CairnError(f"{self._data.name} or {self._video.name} is damaged: {error}") from error

    def _steps(self) -> Iterator[Step]:
        half = 0.5 / self.info.rate
        frames = episode_frames(self._video, self._begin - half)
        moment, image = float("-inf"), None
        for row in rows_of(self._data, self._index):
            wanted = self._begin + row["timestamp"]
            while moment < wanted - half:
                moment, image = next(frames, (float("inf"), None))
            if image is None or moment > wanted + half:
                self.tally.dropped[DropReason.UNSYNCHRONISED] += 1
                continue
            pose = _picked(row[layout.STATE_KEY], self._columns.pose)
            if not np.isfinite(pose).all():
                self.tally.dropped[DropReason.INVALID_ODOMETRY] += 1
                continue
            self.tally.note_error("image", abs(moment - wanted))
            yield Step(
                float(row.get(layout.STAMP_KEY, row["timestamp"])),
                Picture.of(image),
                PlanarPose(*pose),
                velocity=_twist(row[layout.STATE_KEY], self._columns.velocity),
                command=_twist(row.get(layout.ACTION_KEY, []), self._columns.command),
            )


def lerobot_trajectories(directory: Path) -> Iterator[LerobotTrajectory]:
    """The episodes of a data set in their order, named "<data set>_<number>".

    Raises CairnError when it is no LeRobot data set of version 3 with a camera and planar poses.
    """
    info = read_json(directory / layout.INFO_PATH)
    version = str(info.get("codebase_version"))
    if not version.startswith("v3."):
        raise CairnError(f"{directory} is a LeRobot data set {version}; v3.0 is read")
    _columns(info)
    key = _video_key(info, directory)
    for row in episode_rows(directory, [key]):
        try:
            described = TrajectoryInfo(
                name=f"{directory.resolve().name}_{whole_number(row['episode_index']):06d}",
                rate=float(info["fps"]),
                source=directory,
                task=str(row["tasks"][0]) if row["tasks"] else "",
                expected_steps=whole_number(row["length"]),
            )
            yield LerobotTrajectory(directory, described, row, key)
        except (KeyError, TypeError, ValueError) as error:
            raise CairnError(f"{directory}: an episode is not described as expected: {error}") from error


def _video_key(info: Mapping[str, Any], directory: Path) -> str:
    """Our own camera, else the only one."""
    features = info.get("features")
    found = sorted(
        str(key)
        for key, feature in (features.items() if isinstance(features, dict) else ())
        if isinstance(feature, dict) and feature.get("dtype") == "video"
    )
    if len(found) > 1 and layout.IMAGE_KEY in found:
        return layout.IMAGE_KEY
    # The key becomes part of a path.
    if len(found) != 1 or not re.fullmatch(r"\w+(\.\w+)*", found[0]):
        raise CairnError(f"{directory}: expected one video, or {layout.IMAGE_KEY}, got {found}")
    return found[0]


def _columns(info: Mapping[str, Any]) -> _Columns:
    def places(key: str, wanted: tuple[str, ...]) -> tuple[int, ...]:
        feature = info.get("features", {}).get(key) or {}
        names = feature.get("names") if isinstance(feature, dict) else None
        if not isinstance(names, list) or not set(wanted) <= set(map(str, names)):
            return ()
        return tuple(names.index(name) for name in wanted)

    pose = places(layout.STATE_KEY, _POSE)
    if not pose:
        raise CairnError(f"expected a data set whose {layout.STATE_KEY} names {', '.join(_POSE)}")
    return _Columns(pose, places(layout.STATE_KEY, _TWIST), places(layout.ACTION_KEY, _TWIST))


def _picked(values: list[float], places: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(float(values[place]) for place in places)


def _twist(values: list[float], places: tuple[int, ...]) -> Twist | None:
    if not places:
        return None
    twist = Twist(*_picked(values, places))
    return twist if twist.is_finite else None
