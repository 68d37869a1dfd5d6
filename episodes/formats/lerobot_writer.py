"""The part of a LeRobot data set that comes from one source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cairn.episodes.formats import lerobot_layout as layout
from cairn.episodes.formats.dataset_writer import DatasetWriter
from cairn.episodes.formats.running_statistics import RunningStatistics
from cairn.episodes.formats.video_file import VideoFile
from cairn.episodes.quality_gate import JudgedStep
from cairn.episodes.step_tally import DropReason
from cairn.episodes.trajectory import TrajectoryInfo
from cairn.hardware.errors import CairnError

PARTS = ".parts"
_ROWS = 4096  # written at once
_PIXELS = 4  # every n-th of a row and of a column goes into the statistics


class LerobotWriter(DatasetWriter):
    """Writes rows, a video and a description of its episodes to `.parts`; `complete_lerobot` joins them.

    Steps without a command or without a velocity are refused: a column of numbers can't say "unknown".
    """

    def __init__(self, directory: Path, part: int) -> None:
        self._base = directory / PARTS / f"{part:06d}"
        self._base.parent.mkdir(exist_ok=True)
        self._video: VideoFile | None = None
        self._table: pq.ParquetWriter | None = None
        self._rows: list[dict[str, Any]] = []
        self._rate = 0
        self._episodes: list[dict[str, Any]] = []

    def refuses(self, judged: JudgedStep) -> DropReason | None:
        known = judged.step.command is not None and judged.step.velocity is not None
        return None if known else DropReason.NO_COMMAND

    def begin(self, info: TrajectoryInfo, first: JudgedStep) -> None:
        if info.rate != round(info.rate):
            raise CairnError(f"LeRobot needs a whole number of steps a second, got {info.rate} Hz")
        height, width, _ = first.image.shape
        if self._video is None:
            self._rate = round(info.rate)
            self._video = VideoFile(self._base.with_suffix(".mp4"), width, height, self._rate)
            self._table = pq.ParquetWriter(self._base.with_suffix(".parquet"), layout.DATA_SCHEMA)
        elif (round(info.rate), width, height) != (self._rate, self._video.width, self._video.height):
            raise CairnError(
                f"all of a LeRobot data set has one rate and size, here {self._rate} Hz and "
                f"{self._video.width}x{self._video.height}, got {info.rate} Hz and {width}x{height}"
            )
        self._info = info
        self._first = self._video.frames
        self._statistics = {
            layout.IMAGE_KEY: RunningStatistics(3),
            layout.STATE_KEY: RunningStatistics(len(layout.STATE_NAMES)),
            layout.ACTION_KEY: RunningStatistics(len(layout.ACTION_NAMES)),
            layout.STAMP_KEY: RunningStatistics(1),
        }

    def add(self, judged: JudgedStep) -> None:
        step, video = judged.step, self._video
        assert video is not None
        assert step.velocity is not None
        assert step.command is not None
        if judged.image.shape != (video.height, video.width, 3):
            raise CairnError(
                f"expected images of {video.width}x{video.height}, got {judged.image.shape[1]}x"
                f"{judged.image.shape[0]} in the middle of {self._info.name}"
            )
        number = video.frames - self._first
        values = {
            layout.STATE_KEY: (*step.pose, step.velocity.linear, step.velocity.angular),
            layout.ACTION_KEY: (step.command.linear, step.command.angular),
            layout.STAMP_KEY: (step.stamp,),
        }
        row = {
            **values,
            layout.STAMP_KEY: step.stamp,
            "timestamp": number / self._rate,
            "frame_index": number,
            "episode_index": len(self._episodes),
            "index": 0,
            "task_index": 0,
        }
        video.add(judged.image)
        for key, numbers in values.items():
            self._statistics[key].add(np.array([numbers]), 1)
        colours = judged.image[::_PIXELS, ::_PIXELS].reshape(-1, 3) / 255.0
        self._statistics[layout.IMAGE_KEY].add(colours, 1)
        self._rows.append(row)
        if len(self._rows) >= _ROWS:
            self._flush()

    def end(self) -> None:
        assert self._video is not None
        self._flush()
        self._episodes.append(
            {
                "name": self._info.name,
                "task": self._info.task,
                "length": self._video.frames - self._first,
                "first": self._first,
                "statistics": {key: found.as_state() for key, found in self._statistics.items()},
            }
        )

    def close(self) -> None:
        if self._video is None or self._table is None:
            return
        self._table.close()
        self._video.close()
        part = {
            "rate": self._rate,
            "width": self._video.width,
            "height": self._video.height,
            "codec": self._video.codec,
            "pixel_format": self._video.pixel_format,
            "episodes": self._episodes,
        }
        self._base.with_suffix(".json").write_text(json.dumps(part), encoding="utf-8")

    def _flush(self) -> None:
        assert self._table is not None
        if self._rows:
            self._table.write_table(pa.Table.from_pylist(self._rows, layout.DATA_SCHEMA))
        self._rows = []
