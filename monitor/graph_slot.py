"""The robot's map of remembered places, as text for the pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any


class GraphSlot:
    """Holds the newest graph; written by the node's thread and read by the server's.

    It is made text once for all pages, for it may be long.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._text = ""

    def put(self, graph: Mapping[str, Any]) -> None:
        """Replace the graph by another, of values that JSON can hold."""
        text = json.dumps({"type": "graph", **graph}, separators=(",", ":"))
        with self._lock:
            self._number, self._text = self._number + 1, text

    def newer_than(self, number: int) -> tuple[int, str] | None:
        """Number and text of the newest graph, None for whoever has seen it."""
        with self._lock:
            return (self._number, self._text) if self._number > number else None
