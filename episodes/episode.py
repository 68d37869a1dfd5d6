"""A stretch of a recording that is kept, discarded or judged as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum

from cairn.episodes.bag_error import BagError

METADATA_PREFIX = "cairn/episode/"
"""MCAP metadata records of this name and an episode's own describe it."""


class Verdict(Enum):
    """What its operator wants done with an episode."""

    UNDECIDED = "undecided"
    KEPT = "kept"
    DISCARDED = "discarded"


class Outcome(Enum):
    """Whether the task was done."""

    UNKNOWN = "unknown"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True)
class Episode:
    """What is known about one episode of a bag.

    Attributes:
        name: unique within the bag.
        start, end: log times [ns]; `end` is 0 while it is under way.
        task, operator, note: free text; notes are joined by newlines.
        interventions: log times [ns] at which a person took over from the policy.
    """

    name: str
    start: int
    end: int = 0
    verdict: Verdict = Verdict.UNDECIDED
    outcome: Outcome = Outcome.UNKNOWN
    task: str = ""
    operator: str = ""
    note: str = ""
    interventions: tuple[int, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.name:
            raise BagError("an episode needs a name, got an empty one")
        if self.end and self.end < self.start:
            raise BagError(f"episode {self.name} ends at {self.end} ns, before its start at {self.start} ns")

    def as_metadata(self) -> dict[str, str]:
        """Strings by field, as MCAP metadata and `metadata.yaml` hold them."""
        entries = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        entries["verdict"], entries["outcome"] = self.verdict.value, self.outcome.value
        entries["interventions"] = " ".join(map(str, self.interventions))
        return {key: str(value) for key, value in entries.items()}

    @classmethod
    def from_metadata(cls, entries: Mapping[str, str]) -> Episode:
        """The inverse of `as_metadata`; entries of later versions are ignored.  Raises BagError."""
        try:
            known = {entry.name: entries[entry.name] for entry in fields(cls)}
            return cls(
                **{key: known[key] for key in ("name", "task", "operator", "note")},
                start=int(known["start"]),
                end=int(known["end"]),
                verdict=Verdict(known["verdict"]),
                outcome=Outcome(known["outcome"]),
                interventions=tuple(map(int, known["interventions"].split())),
            )
        except (KeyError, ValueError) as error:
            raise BagError(f"expected the description of an episode, got {dict(entries)}: {error}") from error
