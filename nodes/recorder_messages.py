"""What the recorder says of itself."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import RecorderStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus

from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.episode import Verdict
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.recorder_health import RecorderHealth


def status_message(
    summary: BagSummary | None, bag: str, task: str, free_mb: float, stamp: Time
) -> RecorderStatus:
    """The figures of a recording as cairn_interfaces/RecorderStatus.

    Args:
        summary: of the present bag or the last one, None before the first.
        bag: its directory.
        task: what is being done where no episode says it.
        free_mb: what the disk has left [MB].
        stamp: for the header.
    """
    status = RecorderStatus(bag=bag, task=task, disk_free_gb=free_mb / 1000.0)
    status.header.stamp = stamp
    if summary is None:
        return status
    status.recording = summary.recording
    status.paused = summary.recording and summary.paused
    if summary.episode is not None:
        status.episode = summary.episode.name
        status.task = summary.episode.task or task
    status.episodes_kept = summary.count(Verdict.KEPT)
    status.episodes_discarded = summary.count(Verdict.DISCARDED)
    status.bytes_written = summary.bytes_written
    status.messages_written = summary.messages_written
    status.messages_lost = summary.messages_lost
    status.topics = [topic.name for topic in summary.topics]
    status.received = [topic.received for topic in summary.topics]
    status.dropped = [topic.dropped for topic in summary.topics]
    return status


def diagnostics_message(health: RecorderHealth, stamp: Time) -> DiagnosticArray:
    """The health of a recording: ERROR where data is lost, WARN where it may be."""
    level, message = DiagnosticStatus.OK, health.state
    if health.error:
        level, message = DiagnosticStatus.ERROR, health.error
    elif health.warning:
        level, message = DiagnosticStatus.WARN, health.warning
    return diagnostics("recorder: bag", level, message, health.figures(), stamp)
