"""An exploration report in the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

_METHODS_A_TABLE = 4  # fit into a terminal of 80 columns
_ROWS = (
    ("success", "found the goal", "percent"),
    ("false_declarations", "false declarations", "percent"),
    ("discovery_time_s", "time to find [s]", "number"),
    ("return_success", "second visit reached", "percent"),
    ("return_time_s", "second visit [s]", "number"),
    ("sct", "SCT", "share"),
    ("spl", "SPL", "share"),
    ("changed_return_success", "reached after changes", "percent"),
    ("collisions_per_km", "collisions / km", "number"),
)
_FORMATS = {"percent": "{:.0%}", "number": "{:.1f}", "share": "{:.2f}"}


def explore_table(report: dict[str, Any]) -> Group:
    """Methods with 95 % intervals, then how many times longer each baseline takes."""
    names = list(report["methods"])
    tables = [
        _table({name: report["methods"][name] for name in names[first : first + _METHODS_A_TABLE]})
        for first in range(0, len(names), _METHODS_A_TABLE)
    ]
    lines = [_ratio(entry) for entry in report["comparisons"]]
    if report["left_out"]:
        lines.append(f"left out, for some method could not be run there: {report['left_out']}")
        lines += report["errors"]
    return Group(*tables, *(Text(line) for line in lines))


def _table(methods: dict[str, dict[str, Any]]) -> Table:
    """One column a method, so that the figures to be compared stand side by side."""
    table = Table(title="Exploration, with 95 % intervals over worlds", title_justify="left")
    table.add_column("")
    for name in methods:
        table.add_column(name, justify="right")
    table.add_row("worlds", *(str(figures["n"]) for figures in methods.values()))
    for key, heading, kind in _ROWS:
        table.add_row(escape(heading), *(_cell(figures, key, _FORMATS[kind]) for figures in methods.values()))
    return table


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
