"""The odometry of the last seconds, to be asked for by stamp."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

from cairn.hardware.mobile_base import Odometry

_KEPT = 200


class OdometryHistory:
    """Keeps the newest 200 by stamp; a stamp that goes back begins a new history."""

    def __init__(self) -> None:
        self._entries: deque[Odometry] = deque(maxlen=_KEPT)

    def add(self, odometry: Odometry) -> None:
        """Remember one that has just arrived."""
        if self._entries and odometry.stamp < self._entries[-1].stamp:
            self._entries.clear()
        self._entries.append(odometry)

    def at(self, stamp: float, tolerance: float) -> Odometry | None:
        """The newest at or before `stamp` [s]; None where it is older than `tolerance` [s] or missing."""
        # Stamps travel as nanoseconds: equal ones must stay equal as floats.
        index = bisect_right(self._entries, stamp + 1e-6, key=lambda entry: entry.stamp) - 1
        if index < 0 or stamp - self._entries[index].stamp > tolerance:
            return None
        return self._entries[index]
