"""What `cairn demo` shows while the robot searches."""

from __future__ import annotations

import time
from math import isnan
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from cairn.navigation.decision import Phase

_LINE_PERIOD = 5.0  # [s] between two lines where there is no terminal
_GATE = {0: "stopped", 1: "driving", 2: "latched"}
_UNKNOWN = "an unknown number of steps"


class DemoDisplay:
    """A table that follows the search in a terminal; plain lines elsewhere."""

    def __init__(self, console: Console, title: str) -> None:
        self._console, self._title = console, title
        self._live = Live(console=console, refresh_per_second=4) if console.is_terminal else None
        self._begun = self._shown = time.monotonic()

    def __enter__(self) -> DemoDisplay:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, status: Any, gate: Any, simulated: float) -> None:
        """The newest `ExploreStatus` and `GateStatus` (None before the first) at a simulated time [s]."""
        rows = _rows(status, gate, simulated, time.monotonic() - self._begun)
        if self._live is not None:
            self._live.update(_table(self._title, rows))
        elif time.monotonic() - self._shown >= _LINE_PERIOD:
            self._shown = time.monotonic()
            self._console.print(
                f"{self._title}: " + " · ".join(f"{name} {value}" for name, value in rows.items()),
                highlight=False,
                soft_wrap=True,
            )


def _rows(status: Any, gate: Any, simulated: float, real: float) -> dict[str, str]:
    rows = {"time": f"{simulated:.0f} s simulated, {real:.0f} s real"}
    if status is None or status.phase == Phase.IDLE:
        rows["state"] = "starting"
        return rows
    rows["state"] = f"{Phase(status.phase).name.lower()}: {status.reason}"
    rows["driven"] = f"{status.distance_travelled:.0f} m, {status.time_left:.0f} s left"
    rows["map"] = f"{status.nodes} nodes, {status.edges} edges, at node {status.node}"
    steps = _UNKNOWN if isnan(status.predicted_steps) else f"{status.predicted_steps:.0f} steps"
    rows["goal"] = f"{steps} away, in view with probability {status.match_probability:.2f}"
    if gate is not None:
        rows["gate"] = _GATE.get(gate.state, "?") + (f": {gate.reason}" if gate.reason else "")
    return rows


def _table(title: str, rows: dict[str, str]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, min_width=64)
    for name, value in rows.items():
        table.add_row(name, value)
    return table
