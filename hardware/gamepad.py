"""What every gamepad is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError


class GamepadLost(CairnError):
    """The gamepad is gone; `Gamepad.start` may be called again once it is back."""


@dataclass(frozen=True)
class GamepadState:
    """What the operator's hands do.

    Attributes:
        forward: wanted share of the top speed, from -1 (back) to 1 (forward).
        turn: wanted share of the top turn rate, from -1 (right) to 1 (left, counter-clockwise as in REP-103).
        deadman: the operator holds the robot live.  True only between a press and the release that follows,
            never because a button was found held at start, after a loss or after lost events.
        emergency_stop: the button was down at some time since the state was last asked for.
        stamp: monotonic time in seconds at which the hand was last known alive: of the last movement of a
            stick that stands between rest and stop, else of the last answer of a device that may be silent.
        turbo: the button for the faster speed is held.
        arm: the button that arms the gate is held, since a press that was seen.
        actions: buttons pressed since the state was last asked for, in order.
        was_lost: since the state was last asked for the deadman went out of sight while held, which is no
            letting go.
    """

    forward: float
    turn: float
    deadman: bool
    emergency_stop: bool
    stamp: float
    turbo: bool = False
    arm: bool = False
    actions: tuple[EpisodeAction, ...] = ()
    was_lost: bool = False


class Gamepad(ABC):
    """A source of operator commands, polled by its user (50 Hz or more for a release seen in 20 ms)."""

    @abstractmethod
    def start(self) -> None:
        """Open the device.  Raises GamepadLost when it is not there."""

    @abstractmethod
    def state(self) -> GamepadState:
        """The state now; never blocks.  Raises GamepadLost when the device has gone."""

    @abstractmethod
    def stop(self) -> None:
        """Release the device.  Safe to call twice, or before `start`."""
