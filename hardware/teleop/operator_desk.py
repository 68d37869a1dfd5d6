"""Pages and scripts that would like to drive, by their names."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic

from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import State
from cairn.hardware.gate.stamp_filter import StampFilter
from cairn.hardware.teleop.any_hands import AnyHands
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.driver_seat import DriverSeat
from cairn.hardware.teleop.hands import OFF
from cairn.hardware.teleop.remote_gamepad import RemoteGamepad

RESERVED = ("gamepad", "joy")
MOST = 8
FORGOTTEN_AFTER = 30.0
"""Seconds after which one that has gone makes room for others."""
LONGEST_NAME = 64


class OperatorDesk(Generic[State]):
    """Makes a controller of each name that comes in, for up to eight at a time.

    Args:
        teleoperation: to which they are added.
        timeout: longest time without a fresh message [s].
        max_age: oldest stamp of a message [s].
        future_tolerance: how far its stamp may be ahead of the clock [s].
        clock: monotonic seconds.
        at_rest: hands that do nothing.
    """

    def __init__(
        self,
        teleoperation: DriverSeat[State],
        timeout: float,
        max_age: float,
        future_tolerance: float,
        clock: Callable[[], float] = time.monotonic,
        at_rest: AnyHands[State] = OFF,  # type: ignore[assignment]  # a base is what most drive
    ) -> None:
        self._teleoperation = teleoperation
        self._timeout = timeout
        self._max_age = max_age
        self._future_tolerance = future_tolerance
        self._clock = clock
        self._at_rest = at_rest
        self._operators: dict[str, RemoteGamepad[State]] = {}
        self._heard: dict[str, float] = {}

    def take(self, name: str, hands: AnyHands[State], stamp: float, ros: float) -> RemoteGamepad[State]:
        """A message of `stamp` [s] came at `ros` [s], both of the ROS clock.

        Returns whose it is.  Raises CairnError for a bad name, a ninth one, or a stamp that is not fresh.
        """
        operator = self._operators.get(name) or self._welcome(name)
        operator.take(hands, stamp, ros)
        self._heard[name] = self._clock()
        return operator

    def forget_the_gone(self) -> None:
        """Call it now and then."""
        now = self._clock()
        for name in [name for name, heard in self._heard.items() if now - heard > FORGOTTEN_AFTER]:
            del self._operators[name], self._heard[name]
            self._teleoperation.remove(name)

    def _welcome(self, name: str) -> RemoteGamepad[State]:
        if name in RESERVED or not (name.isprintable() and 0 < len(name) <= LONGEST_NAME):
            raise CairnError(
                f"expected a controller's name of 1 to {LONGEST_NAME} letters, other than "
                f"{' and '.join(RESERVED)}; got {name[:LONGEST_NAME]!r}"
            )
        if len(self._operators) >= MOST:
            raise CairnError(f"{name} must wait: {MOST} controllers are here already")
        operator = RemoteGamepad(
            name,
            StampFilter(self._max_age, self._future_tolerance),
            self._timeout,
            self._clock,
            self._at_rest,
        )
        self._teleoperation.add(Controller(name, operator, retry=0.0))
        self._operators[name] = operator
        self._heard[name] = self._clock()
        return operator
