"""Rows, videos and a description of the episodes of one source, to be joined with others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cairn.episodes.formats import lerobot_layout as layout
from cairn.episodes.formats.running_statistics import RunningStatistics
from cairn.episodes.formats.video_file import VideoFile
from cairn.hardware.errors import CairnError

PARTS = ".parts"
_ROWS = 4096  # written at once
_PIXELS = 4  # every n-th of a row and of a column goes into the statistics


@dataclass(frozen=True)
class LerobotColumns:
    """Names of the numbers of a state and an action, and the kind of robot, "" for unknown."""

    state: tuple[str, ...]
    action: tuple[str, ...]
    robot: str = ""


class LerobotPart:
    """What `complete_lerobot` joins: `.parts/<number>.parquet`, `.json`, and a video of each camera.

    Args:
        directory: of the data set.
        number: of the part.
        columns: of the rows.
    """

    def __init__(self, directory: Path, number: int, columns: LerobotColumns) -> None:
        self._base = directory / PARTS / f"{number:06d}"
        self._base.parent.mkdir(exist_ok=True)
        self._columns = columns
        self._schema = layout.data_schema(len(columns.state), len(columns.action))
        self._videos: dict[str, VideoFile] = {}
        self._table: pq.ParquetWriter | None = None
        self._rows: list[dict[str, Any]] = []
        self._rate = 0
        self._frames = 0
        self._episodes: list[dict[str, Any]] = []

    def begin(self, name: str, task: str, rate: float, images: Mapping[str, NDArray[np.uint8]]) -> None:
        """Begin an episode with images like these, by the keys of their videos.  Raises CairnError."""
        if rate != round(rate):
            raise CairnError(f"LeRobot needs a whole number of steps a second, got {rate} Hz")
        if self._table is None:
            self._rate = round(rate)
            for key, image in images.items():
                height, width, _ = image.shape
                self._videos[key] = VideoFile(self.video_path(key), width, height, self._rate)
            self._table = pq.ParquetWriter(self._base.with_suffix(".parquet"), self._schema)
        elif images.keys() != self._videos.keys():
            raise CairnError(
                f"all of a LeRobot data set has the same cameras, here {', '.join(self._videos)}, "
                f"got {', '.join(images)}"
            )
        for key, image in images.items():
            video, (height, width, _) = self._videos[key], image.shape
            if (round(rate), width, height) != (self._rate, video.width, video.height):
                raise CairnError(
                    f"all of a LeRobot data set has one rate and size, here {self._rate} Hz and "
                    f"{video.width}x{video.height}, got {rate} Hz and {width}x{height}"
                )
        self._name, self._task = name, task
        self._first = self._frames
        sizes = {layout.STATE_KEY: len(self._columns.state), layout.ACTION_KEY: len(self._columns.action)}
        sizes |= {layout.STAMP_KEY: 1, **dict.fromkeys(self._videos, 3)}
        self._statistics = {key: RunningStatistics(size) for key, size in sizes.items()}

    def add(
        self,
        images: Mapping[str, NDArray[np.uint8]],
        state: Sequence[float],
        action: Sequence[float],
        stamp: float,
    ) -> None:
        """Append a step to the episode under way; `stamp` [s].  Raises CairnError."""
        for key, video in self._videos.items():
            image = images[key]
            if image.shape != (video.height, video.width, 3):
                raise CairnError(
                    f"expected images of {video.width}x{video.height}, got {image.shape[1]}x"
                    f"{image.shape[0]} in the middle of {self._name}"
                )
        number = self._frames - self._first
        values = {
            layout.STATE_KEY: tuple(state),
            layout.ACTION_KEY: tuple(action),
            layout.STAMP_KEY: (stamp,),
        }
        row = {
            **values,
            layout.STAMP_KEY: stamp,
            "timestamp": number / self._rate,
            "frame_index": number,
            "episode_index": len(self._episodes),
            "index": 0,
            "task_index": 0,
        }
        for key, video in self._videos.items():
            video.add(images[key])
            colours = images[key][::_PIXELS, ::_PIXELS].reshape(-1, 3) / 255.0
            self._statistics[key].add(colours, 1)
        for key, numbers in values.items():
            self._statistics[key].add(np.array([numbers]), 1)
        self._frames += 1
        self._rows.append(row)
        if len(self._rows) >= _ROWS:
            self._flush()

    def end(self) -> None:
        """Complete the episode under way."""
        self._flush()
        self._episodes.append(
            {
                "name": self._name,
                "task": self._task,
                "length": self._frames - self._first,
                "first": self._first,
                "statistics": {key: found.as_state() for key, found in self._statistics.items()},
            }
        )

    def close(self) -> None:
        """Complete the part's files."""
        if self._table is None:
            return
        self._table.close()
        for video in self._videos.values():
            video.close()
        part = {
            "rate": self._rate,
            "videos": {
                key: {
                    "width": video.width,
                    "height": video.height,
                    "codec": video.codec,
                    "pixel_format": video.pixel_format,
                }
                for key, video in self._videos.items()
            },
            "state_names": self._columns.state,
            "action_names": self._columns.action,
            "robot": self._columns.robot,
            "episodes": self._episodes,
        }
        self._base.with_suffix(".json").write_text(json.dumps(part), encoding="utf-8")
        self._table = None

    def video_path(self, key: str) -> Path:
        """Of a camera's video in this part."""
        return part_video(self._base, key)

    def _flush(self) -> None:
        assert self._table is not None
        if self._rows:
            self._table.write_table(pa.Table.from_pylist(self._rows, self._schema))
        self._rows = []


def part_video(base: Path, key: str) -> Path:
    """Where the part at `base`, without a suffix, keeps the video of a key."""
    return base.with_name(f"{base.name}.{key}.mp4")
