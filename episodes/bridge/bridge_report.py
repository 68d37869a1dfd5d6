"""What a conversion of Bridge Data kept and what it left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class BridgeReport:
    """Of all sources.

    Attributes:
        written: steps with an action by demonstration, as "source: name".
        left_out: what had no place in the new format or was repaired, and in how many demonstrations.
        problems: demonstrations and files that could not be read.
    """

    written: dict[str, int] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """In the new data set."""
        return sum(self.written.values())

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "demonstrations": len(self.written),
            "steps": self.steps,
            "written": self.written,
            "left_out": dict(self.left_out.most_common()),
            "problems": self.problems,
        }
