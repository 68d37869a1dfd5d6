"""What the recorder says of itself."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import RecorderStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from cairn.episodes.bag_summary import BagSummary
from cairn.nodes.recorder_load import RecorderLoad


def status_message(summary: BagSummary, bag: str, free_gb: float, stamp: Time) -> RecorderStatus:
    """The figures of a recording as cairn_interfaces/RecorderStatus."""
    status = RecorderStatus(
        recording=summary.recording,
        bag=bag,
        bytes_written=summary.bytes_written,
        messages_written=summary.messages_written,
        messages_lost=summary.messages_lost,
        topics=[topic.name for topic in summary.topics],
        received=[topic.received for topic in summary.topics],
        dropped=[topic.dropped for topic in summary.topics],
        disk_free_gb=free_gb,
    )
    status.header.stamp = stamp
    return status


def diagnostics_message(
    summary: BagSummary, newly_lost: int, problems: dict[str, str], load: RecorderLoad, stamp: Time
) -> DiagnosticArray:
    """The health of a recording.

    Args:
        summary: figures up to now.
        newly_lost: messages lost since the last diagnostics.
        problems: topics that can't be recorded or decoded, with the reason.
        load: what recording costs this process.
        stamp: for the header.

    Returns:
        ERROR when the recording ended by itself or messages were lost, WARN for topics with problems.
    """
    if summary.failed:
        level, message = DiagnosticStatus.ERROR, f"not recording: {summary.reason}"
    elif newly_lost:
        level, message = DiagnosticStatus.ERROR, f"{newly_lost} messages lost"
    elif problems:
        level, message = DiagnosticStatus.WARN, f"problems with {', '.join(sorted(problems))}"
    else:
        level, message = DiagnosticStatus.OK, "recording" if summary.recording else summary.reason
    values = {
        "messages written": str(summary.messages_written),
        "messages lost": str(summary.messages_lost),
        "bytes written": str(summary.bytes_written),
        "bytes queued": str(summary.queued_bytes),
        "callback p99 [ms]": f"{load.callback_ms:.3f}",
        "processor [% of a core]": f"{load.processor:.1f}",
    }
    for topic in summary.topics:
        if topic.dropped or topic.missing:
            values[f"lost on {topic.name}"] = f"dropped {topic.dropped}, missing {topic.missing}"
    values |= {f"problem with {name}": reason for name, reason in problems.items()}
    status = DiagnosticStatus(
        name="recorder: bag",
        level=level,
        message=message,
        values=[KeyValue(key=key, value=value) for key, value in values.items()],
    )
    array = DiagnosticArray(status=[status])
    array.header.stamp = stamp
    return array
