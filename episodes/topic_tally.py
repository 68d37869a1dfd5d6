"""Count what came, what was kept and what got lost, topic by topic."""

from __future__ import annotations

from cairn.episodes.bag_summary import TopicSummary
from cairn.episodes.topic import Topic
from cairn.episodes.topic_rhythm import TopicRhythm


class TopicTally:
    """Figures of one topic while it is recorded.

    A publisher of ROS 2 numbers its messages; a number that never came is a message lost between publisher
    and recorder, which no queue of ours can see.

    Attributes:
        topic: whose figures these are.
        received: messages that reached the recorder.
        written: messages handed to the file.
        dropped: messages received but not kept: the queue was full, or the disk.
        late: messages written later than they should be.
        paused: messages received but not wanted.
        discarded: messages removed with a discarded episode.
        missing: messages published but never received.
        gaps: silences on a topic that was regular before and whose messages nobody numbers.
        longest_gap: longest time between two messages [s].
    """

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.received = 0
        self.written = 0
        self.dropped = 0
        self.late = 0
        self.paused = 0
        self.discarded = 0
        self.missing = 0
        self.longest_gap = 0.0
        self._last_time: int | None = None
        self._last_sequence: dict[bytes, int] = {}
        self._rhythm = TopicRhythm()

    @property
    def gaps(self) -> int:
        """Silences that broke the topic's rhythm."""
        return self._rhythm.gaps

    def add(self, time: int, publisher: bytes, sequence: int | None) -> None:
        """A message received at `time` [ns], the `sequence`-th of `publisher` (None: not numbered)."""
        self.received += 1
        interval = 0.0 if self._last_time is None else (time - self._last_time) * 1e-9
        self.longest_gap = max(self.longest_gap, interval)
        self._last_time = time
        if sequence is None:
            self._rhythm.add(interval)
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
            late=self.late,
            paused=self.paused,
            discarded=self.discarded,
            missing=self.missing,
            gaps=self.gaps,
            longest_gap=self.longest_gap,
        )
