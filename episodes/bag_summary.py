"""What a recording kept and what it lost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TopicSummary:
    """Figures of one topic.

    Attributes:
        name: absolute topic name.
        type: "package/msg/Name".
        received: messages that reached the recorder.
        written: messages in the bag.
        dropped: messages received but not kept, because the queue or the disk was full.
        missing: messages that a publisher numbered but the recorder never received.
        longest_gap: longest time between two messages [s].
    """

    name: str
    type: str
    received: int
    written: int
    dropped: int
    missing: int
    longest_gap: float


@dataclass(frozen=True)
class BagSummary:
    """Figures of a recording, while it runs and at its end.

    Attributes:
        recording: messages are still accepted.
        reason: why it ended; empty while it records.
        failed: it ended by itself (disk full, disk gone).
        start, end: log times of the first and the last message received [ns]; 0 without messages.
        bytes_written: size of the bag so far.
        queued_bytes: size of what waits for the disk.
        topics: in order of appearance.
    """

    recording: bool
    reason: str
    failed: bool
    start: int
    end: int
    bytes_written: int
    queued_bytes: int
    topics: tuple[TopicSummary, ...]

    @property
    def messages_written(self) -> int:
        """Messages in the bag."""
        return sum(topic.written for topic in self.topics)

    @property
    def messages_lost(self) -> int:
        """Messages that were published but are not in the bag, as far as anyone can know."""
        return sum(topic.dropped + topic.missing for topic in self.topics)

    def as_entries(self) -> dict[str, str]:
        """Key-value pairs for a bag's metadata; losses only of topics that lost something."""
        entries = {
            "cairn.state": "recording" if self.recording else "closed",
            "cairn.reason": self.reason,
            "cairn.failed": str(self.failed).lower(),
            "cairn.messages_written": str(self.messages_written),
            "cairn.messages_lost": str(self.messages_lost),
        }
        for topic in self.topics:
            if topic.dropped or topic.missing:
                entries[f"cairn.lost.{topic.name}"] = f"dropped {topic.dropped}, missing {topic.missing}"
            entries[f"cairn.longest_gap.{topic.name}"] = f"{topic.longest_gap:.3f} s"
        return entries
