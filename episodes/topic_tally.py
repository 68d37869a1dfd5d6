"""Count what came, what was kept and what got lost, topic by topic."""

from __future__ import annotations

from cairn.episodes.bag_summary import TopicSummary
from cairn.episodes.topic import Topic


class TopicTally:
    """Figures of one topic while it is recorded.

    A publisher of ROS 2 numbers its messages; a number that never came is a message lost between publisher
    and recorder, which no queue of ours can see.

    Attributes:
        topic: whose figures these are.
        received: messages that reached the recorder.
        written: messages handed to the file.
        dropped: messages received but not kept: the queue was full, or the disk.
        missing: messages published but never received.
        longest_gap: longest time between two messages [s].
    """

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.received = 0
        self.written = 0
        self.dropped = 0
        self.missing = 0
        self.longest_gap = 0.0
        self._last_time: int | None = None
        self._last_sequence: dict[bytes, int] = {}

    def add(self, time: int, publisher: bytes, sequence: int | None) -> None:
        """A message received at `time` [ns], the `sequence`-th of `publisher` (None: not numbered)."""
        self.received += 1
        if self._last_time is not None and time > self._last_time:
            self.longest_gap = max(self.longest_gap, (time - self._last_time) * 1e-9)
        self._last_time = time
        if sequence is None:
            return
        last = self._last_sequence.get(publisher)
        if last is not None and sequence > last:
            self.missing += sequence - last - 1
        self._last_sequence[publisher] = sequence

    def summary(self) -> TopicSummary:
        """The figures up to now."""
        return TopicSummary(
            name=self.topic.name,
            type=self.topic.type,
            received=self.received,
            written=self.written,
            dropped=self.dropped,
            missing=self.missing,
            longest_gap=self.longest_gap,
        )
