"""An exploration report in the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

_COLUMNS = (
    ("success", "found", "percent"),
    ("false_declarations", "false", "percent"),
    ("discovery_time_s", "time to find [s]", "number"),
    ("return_success", "back", "percent"),
    ("return_time_s", "time back [s]", "number"),
    ("sct", "SCT", "share"),
    ("spl", "SPL", "share"),
    ("changed_return_success", "back, changed", "percent"),
    ("collisions_per_km", "collisions/km", "number"),
)
_FORMATS = {"percent": "{:.0%}", "number": "{:.1f}", "share": "{:.2f}"}


def explore_table(report: dict[str, Any]) -> Group:
    """Methods with 95 % intervals, then how many times longer each baseline takes."""
    table = Table(title="Exploration, 95 % intervals over worlds", title_justify="left")
    table.add_column("method")
    table.add_column("worlds", justify="right")
    for _, heading, _ in _COLUMNS:
        table.add_column(heading, justify="right")
    for name, figures in report["methods"].items():
        cells = [_cell(figures, key, _FORMATS[kind]) for key, _, kind in _COLUMNS]
        table.add_row(name, str(figures["n"]), *cells)
    lines = [_ratio(entry) for entry in report["comparisons"]]
    if report["left_out"]:
        lines.append(f"left out, for some method could not be run there: {report['left_out']}")
        lines += report["errors"]
    return Group(table, *(Text(line) for line in lines))


def _ratio(entry: dict[str, Any]) -> str:
    low, high = (_number(bound) for bound in entry["interval"])
    return (
        f"{entry['baseline']} takes {_number(entry['discovery_time_ratio'])} times as long to find the goal "
        f"as {entry['method']} [{low}, {high}], {entry['n']} paired worlds"
    )


def _cell(figures: dict[str, Any], key: str, form: str) -> str:
    if figures[key] is None:
        return "–"  # noqa: RUF001
    low, high = figures["intervals"][key]
    span = "" if low is None else f"\n[{form.format(low)}, {form.format(high)}]"
    return form.format(figures[key]) + span


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.2f}"
