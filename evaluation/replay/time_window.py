"""Which part of a bag is replayed."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode_index import read_episodes
from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class TimeWindow:
    """Log times [ns], both ends included."""

    start: int
    end: int

    def __contains__(self, log_time: object) -> bool:
        return isinstance(log_time, int) and self.start <= log_time <= self.end

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start) * 1e-9

    @classmethod
    def of(
        cls, reader: BagReader, start: float = 0.0, duration: float = inf, episode: str = ""
    ) -> TimeWindow:
        """The part of a bag that a user asks for.

        Args:
            start: seconds after the beginning of the bag, or of the episode.
            duration: seconds from there.
            episode: name of an episode of the bag; empty: the whole bag.

        Raises CairnError when the bag is empty, has no such episode, or nothing of it lies in the window.
        """
        if not (isfinite(start) and start >= 0 and duration > 0):
            raise CairnError(
                f"expected a start of 0 or more and a positive duration, got {start} s and {duration} s"
            )
        begin, end = reader.time_range
        if not any(count for _, count in reader.topics.values()):
            raise CairnError("the bag holds no message")
        if episode:
            found = {known.name: known for known in read_episodes(reader)}
            if episode not in found:
                raise CairnError(f"the bag has no episode {episode!r}; it has {', '.join(found)}")
            begin, end = found[episode].start, found[episode].end or end
        first = begin + round(start * 1e9)
        if first > end:
            raise CairnError(f"--start {start:g} lies beyond the end: there are {(end - begin) * 1e-9:.1f} s")
        last = end if duration == inf else min(end, first + round(duration * 1e9))
        return cls(first, last)
