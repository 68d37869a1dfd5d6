"""Demonstrations in LeRobot data sets, version 3.0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import av
import pyarrow as pa

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import RATE, BridgeInfo, BridgeOpener, BridgeTrajectory
from cairn.episodes.bridge.lerobot_writer import ACTION_NAMES, IMAGE_KEY, STATE_NAMES
from cairn.episodes.formats import lerobot_layout as layout
from cairn.episodes.formats.lerobot_completion import UNKNOWN_TASK
from cairn.episodes.formats.lerobot_files import (
    episode_frames,
    episode_rows,
    read_json,
    rows_of,
    whole_number,
)
from cairn.episodes.picture import Picture
from cairn.hardware.errors import CairnError


def lerobot_demonstrations(directory: Path) -> Iterator[BridgeOpener]:
    """The episodes of a data set in their order.

    Raises CairnError when it is no LeRobot data set of version 3 with states and actions of Bridge Data at
    5 Hz.
    """
    info = read_json(directory / layout.INFO_PATH)
    version = str(info.get("codebase_version"))
    if not version.startswith("v3."):
        raise CairnError(f"{directory} is a LeRobot data set {version}; v3.0 is read")
    features = info.get("features")
    features = features if isinstance(features, dict) else {}
    for key, wanted in ((layout.STATE_KEY, STATE_NAMES), (layout.ACTION_KEY, ACTION_NAMES)):
        feature = features.get(key)
        names = feature.get("names") if isinstance(feature, dict) else None
        if names != list(wanted):
            raise CairnError(f"{directory}: expected {key} to be {', '.join(wanted)}, got {names}")
    if info.get("fps") != RATE:
        raise CairnError(f"{directory}: expected {RATE:g} steps a second, got {info.get('fps')}")
    cameras = [camera for camera in range(10) if f"{IMAGE_KEY}{camera}" in features]
    for row in episode_rows(directory, [f"{IMAGE_KEY}{camera}" for camera in cameras]):
        yield partial(LerobotDemonstration, directory, tuple(cameras), row)


class LerobotDemonstration(BridgeTrajectory):
    """One episode: its rows, and the stretches of its videos beside them."""

    def __init__(self, directory: Path, cameras: tuple[int, ...], row: Mapping[str, Any]) -> None:
        try:
            self._index = whole_number(row["episode_index"])
            self._data = directory / layout.DATA_PATH.format(
                chunk_index=whole_number(row["data/chunk_index"]),
                file_index=whole_number(row["data/file_index"]),
            )
            self._videos = {camera: _video(directory, f"{IMAGE_KEY}{camera}", row) for camera in cameras}
            task = str(row["tasks"][0]) if row["tasks"] else ""
        except (KeyError, TypeError, ValueError) as error:
            raise CairnError(f"{directory}: an episode is not described as expected: {error}") from error
        super().__init__(
            BridgeInfo(
                name=f"{directory.resolve().name}_{self._index:06d}",
                source=directory,
                cameras=cameras,
                language=() if task in ("", UNKNOWN_TASK) else (task,),
                provenance=f"{directory.name}: episode {self._index}",
            )
        )

    def steps(self) -> Iterator[BridgeStep]:
        half = 0.5 / RATE
        self.left_out.clear()
        videos = {
            camera: episode_frames(path, begin - half) for camera, (path, begin) in self._videos.items()
        }
        try:
            for row in rows_of(self._data, self._index):
                pictures = {}
                for camera, frames in videos.items():
                    wanted = self._videos[camera][1] + row["timestamp"]
                    moment, image = next(frames, (float("inf"), None))
                    if image is None or abs(moment - wanted) > half:
                        raise CairnError(f"{self._data}: camera {camera} has no frame at {wanted:.2f} s")
                    pictures[camera] = Picture.of(image)
                yield BridgeStep(
                    pictures, row[layout.STATE_KEY], row[layout.ACTION_KEY], row.get(layout.STAMP_KEY)
                )
        except (OSError, KeyError, pa.ArrowException, av.FFmpegError) as error:
            raise CairnError(f"{self._data}, or a video of it, is damaged: {error}") from error


def _video(directory: Path, key: str, row: Mapping[str, Any]) -> tuple[Path, float]:
    """A video and when the episode begins in it [s]."""
    path = directory / layout.VIDEO_PATH.format(
        video_key=key,
        chunk_index=whole_number(row[f"videos/{key}/chunk_index"]),
        file_index=whole_number(row[f"videos/{key}/file_index"]),
    )
    return path, float(row[f"videos/{key}/from_timestamp"])
