"""Limits of velocity and acceleration, applied to a stream of twists."""

from __future__ import annotations

from math import inf

from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist, TwistLimits


class TwistLimiter:
    """Turns wanted twists into ones that a base can follow.

    Each axis is on its own: it speeds up at the acceleration of `limits` and slows down at the braking
    rate.  A change of sign brakes to zero first.  A stop that must not wait is `halt`.

    Args:
        limits: speeds and accelerations.
        linear_braking: deceleration [m/s^2]; the linear acceleration by default.
        angular_braking: deceleration [rad/s^2]; the angular acceleration by default.
        start: what the base does now; rest by default.
    """

    def __init__(
        self,
        limits: TwistLimits,
        linear_braking: float | None = None,
        angular_braking: float | None = None,
        start: Twist | None = None,
    ) -> None:
        self._limits = limits
        self._linear_braking = limits.linear_acceleration if linear_braking is None else linear_braking
        self._angular_braking = limits.angular_acceleration if angular_braking is None else angular_braking
        for name, value in (("linear", self._linear_braking), ("angular", self._angular_braking)):
            if not 0 < value < inf:
                raise CairnError(f"{name} braking must be positive and finite, got {value}")
        self._current = Twist() if start is None else start

    @property
    def current(self) -> Twist:
        """The twist returned last."""
        return self._current

    def limit(self, wanted: Twist, elapsed: float) -> Twist:
        """The twist nearest to `wanted` that is reachable `elapsed` seconds after the last one.

        Raises CairnError when `wanted` is not finite or `elapsed` is negative; nothing changes then.
        """
        if not 0 <= elapsed < inf:
            raise CairnError(f"elapsed time must be finite and not negative, got {elapsed} s")
        target = self._limits.clamp(wanted)
        self._current = Twist(
            _approach(
                self._current.linear,
                target.linear,
                self._limits.linear_acceleration * elapsed,
                self._linear_braking * elapsed,
            ),
            _approach(
                self._current.angular,
                target.angular,
                self._limits.angular_acceleration * elapsed,
                self._angular_braking * elapsed,
            ),
        )
        return self._current

    def halt(self) -> Twist:
        """Zero at once, without regard to braking rates."""
        self._current = Twist()
        return self._current


def _approach(current: float, target: float, faster: float, slower: float) -> float:
    if current * target < 0:
        target = 0.0
    step = slower if abs(target) < abs(current) else faster
    return current + max(-step, min(step, target - current))
