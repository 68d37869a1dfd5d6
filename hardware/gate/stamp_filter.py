"""Is a message as fresh as its stamp should say?"""

from __future__ import annotations

from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection


class StampFilter:
    """Accepts stamps that are recent, not ahead of the clock and never going backward.

    A repeated stamp passes: several commands may come from one observation, and their common age
    is bounded all the same.

    Args:
        max_age: oldest acceptable stamp [s].
        future_tolerance: how far a stamp may be ahead of the clock [s], for clocks of two machines.
    """

    def __init__(self, max_age: float, future_tolerance: float) -> None:
        self._max_age = max_age
        self._future_tolerance = future_tolerance
        self._newest: float | None = None

    def check(self, stamp: float, now: Instant) -> Rejection | None:
        """None when `stamp` [s, ROS clock] is accepted.  Rejected stamps leave no trace."""
        if now.ros - stamp > self._max_age:
            return Rejection.STALE
        if stamp - now.ros > self._future_tolerance:
            return Rejection.FUTURE
        if self._newest is not None and stamp < self._newest:
            return Rejection.BACKWARD
        self._newest = stamp
        return None

    def forget(self) -> None:
        """Start anew, because the clock itself went back."""
        self._newest = None
