"""Where the robot drove, thin enough to send to a phone."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from math import hypot

SPACING = 0.15
"""Distance between kept points [m]."""
LARGEST = 4000
"""Points kept; beyond that every second one goes."""
JUMP = 3.0
"""Distance between two odometry messages that means a restart [m]."""


@dataclass(frozen=True)
class PathPart:
    """Points from index `start` on, of the path's `epoch`th version; x, y [m] in odom."""

    epoch: int
    start: int
    points: tuple[tuple[float, float], ...]


class DrivenPath:
    """Grows with the odometry; written by the node's thread and read by the server's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = 0
        self._points: list[tuple[float, float]] = []
        self._last: tuple[float, float] | None = None

    def add(self, x: float, y: float) -> None:
        """The robot is at x, y [m] in odom."""
        with self._lock:
            if self._last is not None and hypot(x - self._last[0], y - self._last[1]) > JUMP:
                self._restart()
            self._last = (x, y)
            if self._points and hypot(x - self._points[-1][0], y - self._points[-1][1]) < SPACING:
                return
            self._points.append((round(x, 2), round(y, 2)))
            if len(self._points) > LARGEST:
                self._points = self._points[::2]
                self._epoch += 1

    def part(self, epoch: int, start: int) -> PathPart:
        """What a page lacks that has the points before `start` of version `epoch`."""
        with self._lock:
            if epoch != self._epoch:
                start = 0
            return PathPart(self._epoch, start, tuple(self._points[start:]))

    def _restart(self) -> None:
        self._epoch += 1
        self._points, self._last = [], None
