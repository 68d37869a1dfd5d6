"""How fast a hand may drive."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist


@dataclass(frozen=True)
class TeleopSpeeds:
    """Top speeds [m/s, rad/s], positive: the ordinary ones and those with turbo held.  Raises CairnError."""

    linear: float = 0.5
    angular: float = 0.6
    turbo_linear: float = 1.0
    turbo_angular: float = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (isfinite(value) and value > 0):
                raise CairnError(f"teleop's speed {name} must be positive and finite, got {value}")

    def twist(self, forward: float, turn: float, turbo: bool) -> Twist:
        """Of shares in [-1, 1] as in `GamepadState`."""
        if turbo:
            return Twist(forward * self.turbo_linear, turn * self.turbo_angular)
        return Twist(forward * self.linear, turn * self.angular)
