"""The part of a LeRobot data set that comes from one source of drives."""

from __future__ import annotations

from pathlib import Path

from cairn.episodes.formats import lerobot_layout as layout
from cairn.episodes.formats.dataset_writer import DatasetWriter
from cairn.episodes.formats.lerobot_part import LerobotColumns, LerobotPart
from cairn.episodes.quality_gate import JudgedStep
from cairn.episodes.step_tally import DropReason
from cairn.episodes.trajectory import TrajectoryInfo

COLUMNS = LerobotColumns(layout.STATE_NAMES, layout.ACTION_NAMES)


class LerobotWriter(DatasetWriter):
    """Steps without a command or without a velocity are refused: a column of numbers can't say "unknown"."""

    def __init__(self, directory: Path, part: int) -> None:
        self._part = LerobotPart(directory, part, COLUMNS)

    def refuses(self, judged: JudgedStep) -> DropReason | None:
        known = judged.step.command is not None and judged.step.velocity is not None
        return None if known else DropReason.NO_COMMAND

    def begin(self, info: TrajectoryInfo, first: JudgedStep) -> None:
        self._part.begin(info.name, info.task, info.rate, {layout.IMAGE_KEY: first.image})

    def add(self, judged: JudgedStep) -> None:
        step = judged.step
        assert step.velocity is not None
        assert step.command is not None
        self._part.add(
            {layout.IMAGE_KEY: judged.image},
            (*step.pose, step.velocity.linear, step.velocity.angular),
            (step.command.linear, step.command.angular),
            step.stamp,
        )

    def end(self) -> None:
        self._part.end()

    def close(self) -> None:
        self._part.close()
