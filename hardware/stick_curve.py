"""From the deflection of a stick to a share of the speed."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, expm1

from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class StickCurve:
    """A dead zone at rest, then an exponential: fine control at low speed, full speed at the stop.

    Attributes:
        dead_zone: deflections up to this count as rest, in [0, 0.9].
        exponent: how much the curve bends, in [0, 10]; 0 is a straight line.
    """

    dead_zone: float = 0.1
    exponent: float = 1.5

    def __post_init__(self) -> None:
        if not 0 <= self.dead_zone <= 0.9:
            raise CairnError(f"a stick's dead zone must lie in [0, 0.9], got {self.dead_zone}")
        if not 0 <= self.exponent <= 10:
            raise CairnError(f"a stick's exponent must lie in [0, 10], got {self.exponent}")

    def __call__(self, deflection: float) -> float:
        """Share in [-1, 1] for a deflection in [-1, 1]; continuous, odd and increasing."""
        size = min(1.0, abs(deflection))
        if size <= self.dead_zone:
            return 0.0
        size = (size - self.dead_zone) / (1.0 - self.dead_zone)
        if self.exponent > 1e-6:
            size = expm1(self.exponent * size) / expm1(self.exponent)
        return copysign(size, deflection)
