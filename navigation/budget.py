"""How long, how far and how wide a search may go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import hypot, isfinite

from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import Odometry

FENCE_MARGIN = 5.0
"""Metres beyond the geofence at which a search ends; in between the fence is felt as a wall."""


class Spent(Enum):
    """What has run out."""

    TIME = "the time budget is spent"
    DISTANCE = "the distance budget is spent"
    GEOFENCE = "the robot has left the geofence"


@dataclass(frozen=True)
class Budget:
    """Limits of one search.

    Attributes:
        time: seconds.
        distance: metres driven by odometry.
        geofence: metres about the start; 0 for none.
    """

    time: float
    distance: float
    geofence: float = 0.0

    def __post_init__(self) -> None:
        for name in ("time", "distance"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise CairnError(f"a search's {name} budget must be positive and finite, got {value}")
        if not (isfinite(self.geofence) and self.geofence >= 0):
            raise CairnError(f"a geofence's radius must be 0 (none) or positive metres, got {self.geofence}")


class BudgetKeeper:
    """Counts what a search has used; the first `update` is its start."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._first: Odometry | None = None
        self._last: Odometry | None = None
        self._began = self._now = 0.0
        self.distance = 0.0
        """Metres driven so far."""
        self.touches_fence = False
        """Whether the robot is outside the geofence and still moving outwards."""

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self._now - self._began

    @property
    def time_left(self) -> float:
        """Seconds."""
        return max(0.0, self._budget.time - self.time)

    def update(self, stamp: float, odometry: Odometry) -> Spent | None:
        """The observation of `stamp` [s] was made at this odometry; returns what has run out by it."""
        if self._first is None or self._last is None:
            self._first = self._last = odometry
            self._began = stamp
        self._now = stamp
        before, now = self._range(self._last), self._range(odometry)
        self.distance += hypot(odometry.x - self._last.x, odometry.y - self._last.y)
        self._last = odometry
        fence = self._budget.geofence
        self.touches_fence = bool(fence) and now > fence and now > before
        if fence and now > fence + FENCE_MARGIN:
            return Spent.GEOFENCE
        if self.time >= self._budget.time:
            return Spent.TIME
        return Spent.DISTANCE if self.distance >= self._budget.distance else None

    def _range(self, odometry: Odometry) -> float:
        assert self._first is not None
        return hypot(odometry.x - self._first.x, odometry.y - self._first.y)
