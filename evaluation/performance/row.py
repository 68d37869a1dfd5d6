"""One measured figure of this machine."""

from __future__ import annotations

import operator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cairn.hardware.errors import CairnError

_RELATIONS = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class PerformanceRow:
    """A figure and what it is asked to be.

    Attributes:
        part: "policy", "graph", "recorder" ...
        name: what was measured, under which conditions.
        value: in `unit`.
        relation, target: the figure asked for, e.g. "<=" 8.0; None where none is.
        samples: how many measurements `value` stands for.
    """

    part: str
    name: str
    value: float
    unit: str
    relation: Literal["<=", ">="] | None = None
    target: float | None = None
    samples: int = 1

    def __post_init__(self) -> None:
        if (self.relation is None) != (self.target is None):
            raise CairnError(f"{self.name}: relation and target come together or not at all")
        if self.relation is not None and self.relation not in _RELATIONS:
            raise CairnError(f"{self.name}: relation must be <= or >=, got {self.relation!r}")

    @property
    def is_met(self) -> bool | None:
        """Whether the figure is as asked for; None where nothing is asked."""
        if self.relation is None or self.target is None:
            return None
        return bool(_RELATIONS[self.relation](self.value, self.target))

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"is_met": self.is_met}
