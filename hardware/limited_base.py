"""A base that never does more than it is allowed to."""

from __future__ import annotations

import time
from collections.abc import Callable

from cairn.hardware.mobile_base import MobileBase, Odometry
from cairn.hardware.twist import Twist, TwistLimits
from cairn.hardware.twist_limiter import TwistLimiter


class LimitedBase(MobileBase):
    """Wraps any base with stricter limits of velocity and acceleration.

    Args:
        base: the wrapped base; its own limits hold as well.
        limits: what is wise here.
        clock: monotonic seconds.
    """

    def __init__(
        self, base: MobileBase, limits: TwistLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        able = base.limits
        self._base = base
        self._limits = TwistLimits(
            **{name: min(value, getattr(able, name)) for name, value in vars(limits).items()}
        )
        self._limiter = TwistLimiter(self._limits)
        self._clock = clock
        self._last_command = clock()

    @property
    def limits(self) -> TwistLimits:
        """The stricter of both limits."""
        return self._limits

    @property
    def command_timeout(self) -> float:
        """That of the wrapped base."""
        return self._base.command_timeout

    def start(self) -> None:
        """Start the wrapped base.  Raises BaseLost when it is not there."""
        self._base.start()
        self._limiter.halt()
        self._last_command = self._clock()

    def command(self, twist: Twist) -> Twist:
        """Set the wanted velocity; returns what was really sent.  Non-finite: CairnError, nothing sent."""
        now = self._clock()
        elapsed = now - self._last_command
        if elapsed > self.command_timeout:
            # The base has stopped by itself meanwhile: what counts is a start from rest.
            self._limiter.halt()
            elapsed = min(elapsed, self.command_timeout)
        limited = self._limiter.limit(twist, elapsed)
        self._last_command = now
        return self._base.command(limited)

    def odometry(self) -> Odometry:
        """The newest odometry of the wrapped base.  Raises BaseLost."""
        return self._base.odometry()

    def stop(self) -> None:
        """Zero at once and disconnect.  Safe to call twice."""
        self._limiter.halt()
        self._base.stop()
