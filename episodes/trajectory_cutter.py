"""Cut what must not be in a data set out of trajectories, and write the pieces that remain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cairn.episodes.conversion_report import SourceReport
from cairn.episodes.formats.dataset_writer import DatasetWriter, WrittenTrajectory
from cairn.episodes.quality_gate import JudgedStep, QualityGate
from cairn.episodes.quality_limits import QualityLimits
from cairn.episodes.step_tally import DropReason
from cairn.episodes.trajectory import Trajectory, TrajectoryInfo

_PROGRESS = 16  # steps between two calls of the progress


class TrajectoryCutter:
    """Writes each stretch without a gap as a trajectory of its own: formats have no word for a gap.

    The first piece has the name of its drive, further ones "<drive>-01" and so on.  Only the first few steps
    of a piece wait in memory, until it is long enough.

    Args:
        writer: where pieces go.
        limits: what is left out.
        prefix: of all names.
        report: what was kept and left out is noted there.
    """

    def __init__(
        self, writer: DatasetWriter, limits: QualityLimits, prefix: str, report: SourceReport
    ) -> None:
        self._writer = writer
        self._limits = limits
        self._prefix = prefix
        self._report = report
        self._names: set[str] = set()
        self._waiting: list[JudgedStep] = []
        self._under_way: WrittenTrajectory | None = None

    def convert(self, trajectory: Trajectory, progress: Callable[[int], None] | None = None) -> None:
        """Write the pieces of a trajectory.  What was read before an error is kept."""
        gate = QualityGate(self._limits, trajectory.info.rate)
        unreported = 0
        try:
            for step in trajectory.steps():
                self._report.read += 1
                unreported += 1
                self._take(gate.judge(step), trajectory.info)
                if progress is not None and unreported >= _PROGRESS:
                    progress(unreported)
                    unreported = 0
        except OSError:
            # The disk refused a write: there is no sense in completing the piece.
            self._waiting, self._under_way = [], None
            raise
        finally:
            self._cut()
            self._report.dropped.update(trajectory.tally.dropped)
            self._report.unread |= trajectory.tally.unread
            for stream, error in trajectory.tally.worst_error.items():
                self._report.worst_error[stream] = max(self._report.worst_error.get(stream, 0.0), error)
            if progress is not None:
                progress(unreported)

    def _take(self, judged: JudgedStep | DropReason, info: TrajectoryInfo) -> None:
        reason = judged if isinstance(judged, DropReason) else self._writer.refuses(judged)
        if reason is not None:
            self._report.dropped[reason] += 1
            self._cut()
            return
        assert isinstance(judged, JudgedStep)
        if judged.after_gap:
            self._cut()
        if self._under_way is not None:
            self._write(judged)
            return
        self._waiting.append(judged)
        if len(self._waiting) >= self._limits.min_steps:
            self._begin(info)

    def _begin(self, info: TrajectoryInfo) -> None:
        drive = f"{self._prefix}{info.name}"
        name, piece = drive, 0
        while name in self._names:
            piece += 1
            name = f"{drive}-{piece:02d}"
        self._names.add(name)
        waiting, self._waiting = self._waiting, []
        self._writer.begin(replace(info, name=name), waiting[0])
        self._under_way = WrittenTrajectory(name, drive, 0, info.task)
        for judged in waiting:
            self._write(judged)

    def _write(self, judged: JudgedStep) -> None:
        assert self._under_way is not None
        self._writer.add(judged)
        self._under_way = replace(self._under_way, steps=self._under_way.steps + 1)

    def _cut(self) -> None:
        """End the piece under way, or give up one that is too short."""
        if self._waiting:
            self._report.dropped[DropReason.TOO_SHORT] += len(self._waiting)
        self._waiting = []
        if self._under_way is not None:
            ended, self._under_way = self._under_way, None
            self._writer.end()
            self._report.written.append(ended)
