"""Planar velocity of a base and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class Twist:
    """Velocity in `base_link` (REP-103): forward [m/s] and about z, counter-clockwise [rad/s]."""

    linear: float = 0.0
    angular: float = 0.0

    @property
    def is_finite(self) -> bool:
        return isfinite(self.linear) and isfinite(self.angular)


@dataclass(frozen=True)
class TwistLimits:
    """Symmetric limits: speeds [m/s, rad/s] and accelerations [m/s^2, rad/s^2], all positive."""

    linear: float
    angular: float
    linear_acceleration: float
    angular_acceleration: float

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (isfinite(value) and value > 0):
                raise CairnError(f"limit {name} must be positive and finite, got {value}")

    def clamp(self, twist: Twist) -> Twist:
        """The twist with each speed clamped on its own.  `twist` must be finite (NaN passes no clamp)."""
        if not twist.is_finite:
            raise CairnError(f"a twist must be finite, got {twist}")
        return Twist(
            max(-self.linear, min(self.linear, twist.linear)),
            max(-self.angular, min(self.angular, twist.angular)),
        )
