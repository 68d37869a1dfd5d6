"""What a conversion kept, what it left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cairn.episodes.formats.dataset_writer import WrittenTrajectory
from cairn.episodes.step_tally import DropReason


@dataclass
class SourceReport:
    """Of one bag, file or folder; picklable, for it comes from another process.

    Attributes:
        source: its path.
        read: steps that the source gave.
        written: trajectories in the new data set.
        dropped: what was left out, by reason.
        unread: what the source has and a step has no place for.
        worst_error: largest time between a step and the sample used for it [s], by stream.
        problem: why it could not be read to its end; empty when it could.
    """

    source: str
    read: int = 0
    written: list[WrittenTrajectory] = field(default_factory=list)
    dropped: Counter[DropReason] = field(default_factory=Counter)
    unread: set[str] = field(default_factory=set)
    worst_error: dict[str, float] = field(default_factory=dict)
    problem: str = ""

    @property
    def kept(self) -> int:
        """Steps in the new data set."""
        return sum(trajectory.steps for trajectory in self.written)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "source": self.source,
            "steps_read": self.read,
            "steps_kept": self.kept,
            "trajectories": {trajectory.name: trajectory.steps for trajectory in self.written},
            "dropped": {reason.value: count for reason, count in self.dropped.items()},
            "unread": sorted(self.unread),
            "worst_error": self.worst_error,
            "problem": self.problem,
        }


@dataclass(frozen=True)
class ConversionReport:
    """Of all sources, by name of their paths."""

    sources: tuple[SourceReport, ...]

    @classmethod
    def of(cls, sources: Iterable[SourceReport]) -> ConversionReport:
        """In the order of their paths, whatever the order they finished in."""
        return cls(tuple(sorted(sources, key=lambda source: source.source)))

    @property
    def written(self) -> list[WrittenTrajectory]:
        """All trajectories in the new data set."""
        return [trajectory for source in self.sources for trajectory in source.written]

    @property
    def kept(self) -> int:
        """Steps in the new data set."""
        return sum(source.kept for source in self.sources)

    @property
    def read(self) -> int:
        """Steps that the sources gave."""
        return sum(source.read for source in self.sources)

    @property
    def dropped(self) -> Counter[DropReason]:
        """What was left out, by reason."""
        return sum((source.dropped for source in self.sources), Counter())

    @property
    def unread(self) -> list[str]:
        """What sources have and a step has no place for."""
        return sorted(set().union(*(source.unread for source in self.sources)))

    @property
    def problems(self) -> list[str]:
        """Of sources that could not be read to their end."""
        return [source.problem for source in self.sources if source.problem]

    @property
    def worst_error(self) -> dict[str, float]:
        """Largest time between a step and the sample used for it [s], by stream."""
        worst: dict[str, float] = {}
        for source in self.sources:
            for stream, error in source.worst_error.items():
                worst[stream] = max(worst.get(stream, 0.0), error)
        return worst

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "steps_read": self.read,
            "steps_kept": self.kept,
            "trajectories": len(self.written),
            "dropped": {reason.value: count for reason, count in self.dropped.most_common()},
            "unread": self.unread,
            "worst_error": self.worst_error,
            "sources": [source.as_json() for source in self.sources],
        }
