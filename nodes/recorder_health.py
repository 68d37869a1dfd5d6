"""Whether a recording is as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cairn.episodes.bag_summary import BagSummary
from cairn.nodes.recorder_load import RecorderLoad


@dataclass(frozen=True)
class RecorderHealth:
    """What is known of a recorder at one moment.

    Attributes:
        summary: figures of its bag, None before the first.
        before: those at the last look at the same bag, None at the first look.
        problems: topics that can't be recorded or decoded, with the reason.
        load: what recording costs its process.
        free_mb: what the disk has left [MB].
        warn_free_mb: it should have at least this [MB].
        snapshot_mb: what is kept in memory for snapshots [MB].
        snapshot_failure: why a snapshot could not be written, empty when none failed lately.
    """

    summary: BagSummary | None
    before: BagSummary | None
    problems: Mapping[str, str]
    load: RecorderLoad
    free_mb: float
    warn_free_mb: float
    snapshot_mb: float = 0.0
    snapshot_failure: str = ""

    @property
    def newly_lost(self) -> int:
        """Messages lost since the last look."""
        return self._grown("messages_lost")

    @property
    def error(self) -> str:
        """Data is being lost, or was since the last look; empty when not."""
        if self.summary is not None and self.summary.failed:
            return f"not recording: {self.summary.reason}"
        if self.newly_lost:
            return f"{self.newly_lost} messages lost"
        return self.snapshot_failure

    @property
    def warning(self) -> str:
        """Data may be lost soon, or is not all that it could be; empty when neither."""
        if self.free_mb < self.warn_free_mb:
            return f"the disk is filling up: {self.free_mb:.0f} MB free"
        if late := self._grown("messages_late"):
            return f"the disk is slow: {late} messages were written late"
        if gaps := self._grown("gaps"):
            return f"{gaps} silences on regular topics"
        return f"problems with {', '.join(sorted(self.problems))}" if self.problems else ""

    @property
    def state(self) -> str:
        """What it does while nothing is wrong."""
        if self.summary is None:
            return "waiting for recorder/start"
        if not self.summary.recording:
            return self.summary.reason
        return "paused" if self.summary.paused else "recording"

    def figures(self) -> dict[str, str]:
        """All figures by what they are."""
        values = {
            "disk free [MB]": f"{self.free_mb:.0f}",
            "callback p99 [ms]": f"{self.load.callback_ms:.3f}",
            "processor [% of a core]": f"{self.load.processor:.1f}",
        }
        if self.snapshot_mb:
            values["kept for snapshots [MB]"] = f"{self.snapshot_mb:.1f}"
        if (summary := self.summary) is not None:
            values |= {
                "messages written": str(summary.messages_written),
                "messages lost": str(summary.messages_lost),
                "messages late": str(summary.messages_late),
                "messages not recorded while paused": str(summary.messages_paused),
                "bytes written": str(summary.bytes_written),
                "bytes queued": str(summary.queued_bytes),
                "longest flush [ms]": f"{1000.0 * summary.longest_flush:.0f}",
                "files": str(len(summary.files)),
            }
            values |= {
                f"trouble on {topic.name}": topic.troubles for topic in summary.topics if topic.troubles
            }
        return values | {f"problem with {name}": reason for name, reason in self.problems.items()}

    def _grown(self, figure: str) -> int:
        if self.summary is None:
            return 0
        before = 0 if self.before is None else getattr(self.before, figure)
        return int(getattr(self.summary, figure) - before)
