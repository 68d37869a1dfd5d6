"""What a recording kept and what it lost."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.episodes.episode import Episode, Verdict


@dataclass(frozen=True)
class TopicSummary:
    """Figures of one topic.

    Attributes:
        name: absolute topic name.
        type: "package/msg/Name".
        received: messages that reached the recorder.
        written: messages in the bag.
        dropped: messages received but not kept, because the queue or the disk was full.
        late: messages written, but later than a flush period after they came.
        paused: messages received but not wanted, because the recording was paused.
        discarded: messages written, then removed with the discarded episode that they belonged to.
        missing: messages that a publisher numbered but the recorder never received.
        gaps: silences on a topic that was regular before, where no publisher numbers its messages.
        longest_gap: longest time between two messages [s].
    """

    name: str
    type: str
    received: int
    written: int
    dropped: int
    late: int
    paused: int
    discarded: int
    missing: int
    gaps: int
    longest_gap: float

    @property
    def troubles(self) -> str:
        """What went wrong, in words; empty when nothing did."""
        figures = {"dropped": self.dropped, "missing": self.missing, "gaps": self.gaps, "late": self.late}
        return ", ".join(f"{name} {count}" for name, count in figures.items() if count)


@dataclass(frozen=True)
class BagSummary:
    """Figures of a recording, while it runs and at its end.

    Attributes:
        recording: messages are still accepted.
        paused: but knowingly not kept.
        complete: nothing more will be written; without it the bag was cut.
        reason: why it ended; empty while it records.
        failed: it ended by itself (disk full, disk gone).
        start, end: log times of the first and the last message received [ns]; 0 without messages.
        bytes_written: size of the bag so far.
        queued_bytes: size of what waits for the disk.
        free_mb: what the disk has left [MB].
        longest_flush: longest time that the disk took for a flush [s].
        pauses: (begin, end) log times [ns]; the end is 0 while it lasts.
        episodes: in the order of their starts.
        episode: the one under way.
        files: names of the storage files.
        discarded_files: names of those removed with discarded episodes.
        topics: in order of appearance.
    """

    recording: bool
    paused: bool
    complete: bool
    reason: str
    failed: bool
    start: int
    end: int
    bytes_written: int
    queued_bytes: int
    free_mb: float
    longest_flush: float
    pauses: tuple[tuple[int, int], ...]
    episodes: tuple[Episode, ...]
    episode: Episode | None
    files: tuple[str, ...]
    discarded_files: tuple[str, ...]
    topics: tuple[TopicSummary, ...]

    @property
    def messages_written(self) -> int:
        """Messages in the bag."""
        return sum(topic.written for topic in self.topics)

    @property
    def messages_lost(self) -> int:
        """Messages that were published but are not in the bag, as far as anyone can know."""
        return sum(topic.dropped + topic.missing for topic in self.topics)

    @property
    def messages_late(self) -> int:
        """Messages that waited for the disk longer than they should."""
        return sum(topic.late for topic in self.topics)

    @property
    def gaps(self) -> int:
        """Silences on topics that were regular before and whose messages nobody numbers."""
        return sum(topic.gaps for topic in self.topics)

    @property
    def messages_paused(self) -> int:
        """Messages that nobody wanted, because the recording was paused."""
        return sum(topic.paused for topic in self.topics)

    @property
    def messages_discarded(self) -> int:
        """Messages removed with discarded episodes."""
        return sum(topic.discarded for topic in self.topics)

    def in_words(self) -> str:
        """What somebody who ends a recording wants to know."""
        words = (
            f"{self.messages_written} messages, {self.bytes_written / 1e6:.1f} MB, {self.messages_lost} lost"
        )
        further = {
            "late": self.messages_late,
            "not recorded while paused": self.messages_paused,
            "removed with discarded episodes": self.messages_discarded,
        }
        words += "".join(f", {count} {what}" for what, count in further.items() if count)
        words += "".join(f"; {topic.name}: {topic.troubles}" for topic in self.topics if topic.troubles)
        return f"{words}; {self.reason}" if self.failed else words

    def count(self, verdict: Verdict) -> int:
        """Number of episodes of which this is to become."""
        return sum(episode.verdict is verdict for episode in self.episodes)

    def as_entries(self) -> dict[str, str]:
        """Key-value pairs for a bag's metadata; troubles only of topics that had some."""
        entries = {
            "cairn.state": "closed" if self.complete else "recording",
            "cairn.reason": self.reason,
            "cairn.failed": str(self.failed).lower(),
            "cairn.messages_written": str(self.messages_written),
            "cairn.messages_lost": str(self.messages_lost),
            "cairn.messages_late": str(self.messages_late),
            "cairn.messages_paused": str(self.messages_paused),
            "cairn.longest_flush": f"{self.longest_flush:.3f} s",
            "cairn.disk_free": f"{self.free_mb:.0f} MB",
        }
        if self.pauses:
            entries["cairn.pauses"] = " ".join(f"{begin}-{end or ''}" for begin, end in self.pauses)
        if self.discarded_files:
            entries["cairn.discarded_files"] = " ".join(self.discarded_files)
            entries["cairn.messages_discarded"] = str(self.messages_discarded)
        for topic in self.topics:
            if topic.dropped or topic.missing:
                entries[f"cairn.lost.{topic.name}"] = f"dropped {topic.dropped}, missing {topic.missing}"
            if topic.late:
                entries[f"cairn.late.{topic.name}"] = str(topic.late)
            if topic.gaps:
                entries[f"cairn.gaps.{topic.name}"] = str(topic.gaps)
            entries[f"cairn.longest_gap.{topic.name}"] = f"{topic.longest_gap:.3f} s"
        return entries
