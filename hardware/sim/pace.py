"""How fast simulated time passes."""

from __future__ import annotations

from math import inf

from cairn.hardware.errors import CairnError

_LARGEST_DEBT = 0.25  # [s] of real time that may be caught up; what is lost beyond that stays lost


class Pace:
    """Ties simulated to real time; where the machine can't keep up, simulated time falls behind.

    Args:
        speed: simulated seconds a second; 0 for as fast as possible.
    """

    def __init__(self, speed: float) -> None:
        if not 0 <= speed < inf:
            raise CairnError(f"the speed must be 0 or a positive factor, got {speed}")
        self.speed = speed
        self._anchor: tuple[float, float] | None = None
        self._counted_from: tuple[float, float] | None = None

    def allowed(self, simulated: float, now: float) -> float:
        """Up to which simulated time [s] to go, given the present one and a monotonic clock [s]."""
        if self.speed == 0:
            return inf
        anchor = self._anchor or (simulated, now)
        target = anchor[0] + (now - anchor[1]) * self.speed
        latest = simulated + _LARGEST_DEBT * self.speed
        if target > latest:
            anchor, target = (latest, now), latest
        self._anchor = anchor
        return target

    def achieved(self, simulated: float, now: float) -> float:
        """Simulated seconds a second since the last call; the asked speed at the first."""
        before, self._counted_from = self._counted_from, (simulated, now)
        if before is None or now <= before[1]:
            return self.speed
        return (simulated - before[0]) / (now - before[1])
