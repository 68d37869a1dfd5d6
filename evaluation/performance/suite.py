"""Find the measurements, run them, show them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from itertools import groupby

from rich.table import Table

from cairn.evaluation import performance
from cairn.evaluation.performance.row import PerformanceRow
from cairn.hardware.errors import CairnError

_SUFFIX = "_bench"

Measurement = Callable[[], list[PerformanceRow]]


def parts() -> tuple[str, ...]:
    """Every `<part>_bench.py` beside this file; each has a function `rows()`."""
    names = sorted(module.name for module in pkgutil.iter_modules(performance.__path__))
    return tuple(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))


def measure(
    wanted: Sequence[str] = (), started: Callable[[str], None] = lambda part: None
) -> list[PerformanceRow]:
    """Rows of the wanted parts, all when none is named, in order.

    One part at a time: measurements beside each other would measure each other.  `started` hears of each
    part before it runs.  Raises CairnError for an unknown part.
    """
    known = parts()
    for part in wanted:
        if part not in known:
            raise CairnError(f"performance part {part!r} is unknown; valid: {', '.join(known)}")
    rows: list[PerformanceRow] = []
    for part in wanted or known:
        started(part)
        measurement: Measurement = importlib.import_module(f"{performance.__name__}.{part}{_SUFFIX}").rows
        rows += measurement()
    return rows


def performance_table(rows: Sequence[PerformanceRow]) -> Table:
    """Figures beside what is asked of them; a missed target stands out."""
    table = Table(title="Performance on this machine", title_justify="left")
    for heading in ("part", "measured"):
        table.add_column(heading)
    for heading in ("value", "unit", "target", "samples"):
        table.add_column(heading, justify="right")
    for part, group in groupby(rows, key=lambda row: row.part):
        for place, row in enumerate(group):
            style = {True: "green", False: "bold red", None: ""}[row.is_met]
            target = "" if row.target is None else f"{row.relation} {row.target:g}"
            value = f"[{style}]{row.value:,.3g}[/]" if style else f"{row.value:,.3g}"
            table.add_row(part if place == 0 else "", row.name, value, row.unit, target, f"{row.samples:,}")
        table.add_section()
    return table
