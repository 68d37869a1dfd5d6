"""Measured times of the reliability tests, and the table they make."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measurement:
    """One figure.

    Attributes:
        row: of the fault table.
        what: in words.
        value: measured.
        limit: of the specification.
        allowance: how late the machine let the test process itself run meanwhile; added to the limit.
        unit: of all three.
    """

    row: int
    what: str
    value: float
    limit: float
    allowance: float
    unit: str


class Measurements:
    """Collects figures, judges each, and writes them all at the end of the session."""

    def __init__(self) -> None:
        self._taken: list[Measurement] = []

    def at_most(
        self, row: int, what: str, value: float, limit: float, allowance: float = 0.0, unit: str = "ms"
    ) -> None:
        """Note a figure and fail when it is above its limit plus the allowance."""
        self._taken.append(Measurement(row, what, round(value, 1), limit, round(allowance, 1), unit))
        assert value <= limit + allowance, (
            f"row {row}, {what}: {value:.1f} {unit}, "
            f"at most {limit:g} + {allowance:.1f} (lateness of this machine) allowed"
        )

    def table(self) -> list[str]:
        """Lines of text, by row."""
        lines = [f"{'row':>3}  {'measured':>12}  {'limit':>9}  {'allowance':>9}  what"]
        for taken in sorted(self._taken, key=lambda one: one.row):
            lines.append(
                f"{taken.row:>3}  {taken.value:>9.1f} {taken.unit:<2}  {taken.limit:>6g} {taken.unit:<2}"
                f"  {taken.allowance:>6.1f} {taken.unit:<2}  {taken.what}"
            )
        return lines if self._taken else []

    def write(self, path: Path) -> None:
        """As JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(taken) for taken in self._taken], indent=1) + "\n")
