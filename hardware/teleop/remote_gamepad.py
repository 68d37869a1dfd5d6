"""Hands at a web page, or those that a script plays."""

from __future__ import annotations

import time
from collections.abc import Callable

from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import State
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.stamp_filter import StampFilter
from cairn.hardware.teleop.any_hands import AnyHands
from cairn.hardware.teleop.hands import OFF
from cairn.hardware.teleop.pushed_gamepad import PushedGamepad


class RemoteGamepad(PushedGamepad[State]):
    """Lives by messages that both come and are fresh by their stamps.

    Args:
        name: of the controller.
        stamps: the filter of the messages' stamps.
        timeout: longest time without a fresh message [s].
        clock: monotonic seconds.
        at_rest: hands that do nothing.
    """

    def __init__(
        self,
        name: str,
        stamps: StampFilter,
        timeout: float = 0.2,
        clock: Callable[[], float] = time.monotonic,
        at_rest: AnyHands[State] = OFF,  # type: ignore[assignment]  # a base is what most drive
    ) -> None:
        super().__init__(name, timeout, clock, at_rest)
        self._stamps = stamps
        self._last_ros: float | None = None

    def take(self, hands: AnyHands[State], stamp: float, ros: float) -> None:
        """A message of `stamp` [s] came at `ros` [s], both of the ROS clock.

        Raises CairnError, and takes nothing, when the stamp is not fresh.
        """
        if self._last_ros is not None and ros < self._last_ros:
            # The simulation was reset or the system clock set back: old stamps mean nothing any more.
            self._stamps.forget()
        self._last_ros = ros
        rejection = self._stamps.check(stamp, Instant(self._clock(), ros))
        if rejection is not None:
            raise CairnError(
                f"{self._name}: {rejection.value}: it is {ros - stamp:.2f} s old by this machine's clock"
            )
        self.receive(hands)
