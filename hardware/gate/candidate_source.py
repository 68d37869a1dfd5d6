"""One of those who would like to drive."""

from __future__ import annotations

from cairn.hardware.gate.fault import Cause, Fault
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.stamp_filter import StampFilter
from cairn.hardware.twist import Twist


class CandidateSource:
    """Holds the newest valid twist of one source for as long as it may stand.

    Args:
        name: "teleop" or "policy".
        stamps: the filter of its stamps, each that of the observation which led to the twist.
        timeout: how long a twist stands after its arrival [s, monotonic].
    """

    def __init__(self, name: str, stamps: StampFilter, timeout: float) -> None:
        self._name = name
        self._stamps = stamps
        self._timeout = timeout
        self._twist: Twist | None = None
        self._arrived = 0.0
        self._non_finite = 0
        self._is_mad = False

    @property
    def name(self) -> str:
        return self._name

    @property
    def non_finite(self) -> int:
        """Non-finite twists since the start or the last `restart`."""
        return self._non_finite

    def offer(self, twist: Twist, stamp: float, now: Instant) -> Rejection | None:
        """Take a twist or say why not.

        A non-finite one also withdraws the twist before it: a policy that has gone mad is not to be
        followed for the rest of the timeout.
        """
        if not twist.is_finite:
            self._non_finite += 1
            self._is_mad = True
            self._twist = None
            return Rejection.NON_FINITE
        rejection = self._stamps.check(stamp, now)
        if rejection is None:
            self._is_mad = False
            self._twist = twist
            self._arrived = now.monotonic
        return rejection

    def standing(self, now: Instant) -> Twist | None:
        """The twist that stands now, or None."""
        return None if now.monotonic - self._arrived > self._timeout else self._twist

    def absence(self, now: Instant) -> Fault | None:
        """Why nothing stands; None where this source has not tried to drive."""
        if self._is_mad:
            return Fault(Cause.NON_FINITE, f"{self._name} gave a non-finite command")
        if self._twist is None:
            return None
        return Fault(Cause.SILENCE, f"{self._name} silent for {now.monotonic - self._arrived:.2f} s")

    def withdraw(self) -> None:
        """Drop the held twist."""
        self._twist = None

    def restart(self) -> None:
        """Drop the held twist and the count of non-finite ones."""
        self.withdraw()
        self._non_finite = 0
        self._is_mad = False

    def forget_stamps(self) -> None:
        """Start the history of stamps anew, because the clock itself went back."""
        self._stamps.forget()
