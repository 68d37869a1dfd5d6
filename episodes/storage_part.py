"""One storage file of a bag, in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from cairn.episodes.bag_metadata import FileInformation


class StoragePart:
    """Counts what one file of a bag holds.

    Attributes:
        path: of the file.
        counts: messages in it, by topic.
        repeated: how many of these are latched messages repeated from before its start, by topic.
        start, end: log times of the earliest and the latest message [ns]; 0 without messages.
        size: of the file once it is closed [bytes].
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.start = 0
        self.end = 0
        self.size = 0

    @property
    def message_count(self) -> int:
        """Messages in the file."""
        return self.counts.total()

    @property
    def is_begun(self) -> bool:
        """It holds more than what was repeated at its start."""
        return self.counts.total() > self.repeated.total()

    def add(self, topic: str, log_time: int, repeated: bool) -> None:
        """A message was written, received at `log_time` [ns]."""
        if not self.counts:
            self.start = self.end = log_time
        self.start, self.end = min(self.start, log_time), max(self.end, log_time)
        self.counts[topic] += 1
        if repeated:
            self.repeated[topic] += 1

    def recount(self, counts: Mapping[str, int], start: int, end: int) -> None:
        """The file was cut: it holds only this, what was repeated first."""
        self.counts = Counter({topic: count for topic, count in counts.items() if count})
        self.repeated &= self.counts
        self.start, self.end = start, end

    def information(self) -> FileInformation:
        """As metadata.yaml lists it."""
        return FileInformation(self.path.name, self.start, self.end - self.start, self.message_count)
