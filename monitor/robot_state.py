"""The newest of everything that the robot says about itself."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

Panel = Mapping[str, Any]
"""Values that JSON can hold."""


class RobotState:
    """The newest panel of each name, written by the node's thread and read by the server's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._panels: dict[str, tuple[Panel, float]] = {}

    def put(self, name: str, panel: Panel, now: float) -> None:
        """Replace a panel; `now` is monotonic [s]."""
        with self._lock:
            self._panels[name] = (panel, now)

    def snapshot(self, now: float) -> dict[str, dict[str, Any]]:
        """Every panel with its `age` [s]."""
        with self._lock:
            panels = dict(self._panels)
        return {name: {**panel, "age": round(now - at, 2)} for name, (panel, at) in panels.items()}
