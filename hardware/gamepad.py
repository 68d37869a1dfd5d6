"""What every gamepad is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from cairn.hardware.errors import CairnError
from cairn.hardware.hand_state import HandState

State = TypeVar("State", bound=HandState)


class GamepadLost(CairnError):
    """The gamepad is gone; `Gamepad.start` may be called again once it is back."""


@dataclass(frozen=True, kw_only=True)
class GamepadState(HandState):
    """What the operator's hands do with a base.

    Attributes:
        forward: wanted share of the top speed, from -1 (back) to 1 (forward).
        turn: wanted share of the top turn rate, from -1 (right) to 1 (left, counter-clockwise as in REP-103).
        turbo: the button for the faster speed is held.
    """

    forward: float
    turn: float
    turbo: bool = False


class Gamepad(ABC, Generic[State]):
    """A source of operator commands, polled by its user (50 Hz or more for a release seen in 20 ms)."""

    @abstractmethod
    def start(self) -> None:
        """Open the device.  Raises GamepadLost when it is not there."""

    @abstractmethod
    def state(self) -> State:
        """The state now; never blocks.  Raises GamepadLost when the device has gone."""

    @abstractmethod
    def stop(self) -> None:
        """Release the device.  Safe to call twice, or before `start`."""
