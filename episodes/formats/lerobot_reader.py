"""Trajectories of LeRobot data sets, version 3.0."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cairn.episodes.formats import lerobot_layout as layout
from cairn.episodes.picture import Picture
from cairn.episodes.step import PlanarPose, Step
from cairn.episodes.step_tally import DropReason, StepTally
from cairn.episodes.trajectory import Trajectory, TrajectoryInfo
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist

_EPISODE_COLUMNS = ("episode_index", "tasks", "length", "data/chunk_index", "data/file_index")
_POSE = ("x", "y", "yaw")
_TWIST = ("linear_velocity", "angular_velocity")
_LARGEST_NUMBER = 10_000_000


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
        self._index = _number(row["episode_index"])
        video = f"videos/{key}"
        self._data = directory / layout.DATA_PATH.format(
            chunk_index=_number(row["data/chunk_index"]), file_index=_number(row["data/file_index"])
        )
        self._video = directory / layout.VIDEO_PATH.format(
            video_key=key,
            chunk_index=_number(row[f"{video}/chunk_index"]),
            file_index=_number(row[f"{video}/file_index"]),
        )
        self._begin = float(row[f"{video}/from_timestamp"])
        self._columns = _columns(_read_json(directory / layout.INFO_PATH))

    def steps(self) -> Iterator[Step]:
        """See `Trajectory`; steps with numbers that are not finite or without a frame are left out."""
        self.tally = StepTally()
        try:
            yield from self._steps()
        except (OSError, pa.ArrowException, av.FFmpegError) as error:
            raise CairnError(f"{self._data.name} or {self._video.name} is damaged: {error}") from error

    def _steps(self) -> Iterator[Step]:
        half = 0.5 / self.info.rate
        frames = _frames(self._video, self._begin - half)
        moment, image = float("-inf"), None
        for row in _rows(self._data, self._index):
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
    info = _read_json(directory / layout.INFO_PATH)
    version = str(info.get("codebase_version"))
    if not version.startswith("v3."):
        raise CairnError(f"{directory} is a LeRobot data set {version}; v3.0 is read")
    _columns(info)
    key = _video_key(info, directory)
    for row in _episode_rows(directory, key):
        try:
            described = TrajectoryInfo(
                name=f"{directory.resolve().name}_{_number(row['episode_index']):06d}",
                rate=float(info["fps"]),
                source=directory,
                task=str(row["tasks"][0]) if row["tasks"] else "",
                expected_steps=_number(row["length"]),
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


def _episode_rows(directory: Path, key: str) -> Iterator[dict[str, Any]]:
    video = [f"videos/{key}/{name}" for name in ("chunk_index", "file_index", "from_timestamp")]
    try:
        for path in sorted((directory / "meta/episodes").glob("chunk-*/file-*.parquet")):
            for batch in pq.ParquetFile(path).iter_batches(columns=[*_EPISODE_COLUMNS, *video]):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise CairnError(f"the episodes of {directory} can't be read: {error}") from error


def _rows(path: Path, index: int) -> Iterator[dict[str, Any]]:
    """Rows of one episode, block by block."""
    for batch in pq.ParquetFile(path).iter_batches(4096):
        for row in batch.to_pylist():
            if row["episode_index"] == index:
                yield row


def _frames(path: Path, begin: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Time in the file [s] and RGB pixels of the frames from `begin` on."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.time_base is not None and begin > 0.0:
            container.seek(int(begin / stream.time_base), stream=stream)
        for frame in container.decode(stream):
            if frame.time is not None and frame.time >= begin:
                yield frame.time, frame.to_ndarray(format="rgb24")


def _picked(values: list[float], places: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(float(values[place]) for place in places)


def _twist(values: list[float], places: tuple[int, ...]) -> Twist | None:
    if not places:
        return None
    twist = Twist(*_picked(values, places))
    return twist if twist.is_finite else None


def _number(value: Any) -> int:
    """A count or index that can be part of a path.  Raises ValueError."""
    if not isinstance(value, int) or not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError(f"expected a number from 0 to {_LARGEST_NUMBER}, got {value!r}")
    return value


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CairnError(f"{path} can't be read: {error}") from error
    if not isinstance(content, dict):
        raise CairnError(f"{path}: expected a JSON object")
    return content
