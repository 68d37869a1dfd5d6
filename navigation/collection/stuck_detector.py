"""Commanded to move, and doesn't."""

from __future__ import annotations

from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist

_MOVES, _TURNS = 0.1, 0.2  # [m/s, rad/s] of a command that odometry can't mistake for standing
_SHARE = 0.2


class StuckDetector:
    """Stuck when odometry shows less than a fifth of what was commanded, for `patience` seconds."""

    def __init__(self, patience: float) -> None:
        if not patience > 0:
            raise CairnError(f"the patience before a robot counts as stuck must be positive, got {patience}")
        self._patience = patience
        self._since: float | None = None

    def update(self, stamp: float, commanded: Twist | None, measured: Twist) -> bool:
        """Whether the robot is stuck at `stamp` [s].

        Args:
            stamp: of the odometry.
            commanded: what reached the base of this driver's commands; None: nothing.
            measured: by odometry.
        """
        if commanded is None or not _lags(commanded, measured):
            self._since = None
            return False
        if self._since is None or stamp < self._since:
            self._since = stamp
        return stamp - self._since >= self._patience


def _lags(commanded: Twist, measured: Twist) -> bool:
    if abs(commanded.linear) >= _MOVES:
        return abs(measured.linear) < _SHARE * abs(commanded.linear)
    return abs(commanded.angular) >= _TURNS and abs(measured.angular) < _SHARE * abs(commanded.angular)
