"""What one message says that an operator's hands do with a base."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import GamepadState

# Shares travel as 32-bit floats.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Hands:
    """Levels of sticks and buttons.  Raises CairnError.

    Attributes:
        forward, turn: wanted shares of the top speeds as in `GamepadState`, in [-1, 1].
        deadman, turbo, emergency_stop, arm: held.
        actions: of the buttons held.
        lost: the deadman went out of sight while it was held, which is no letting go.
    """

    forward: float = 0.0
    turn: float = 0.0
    deadman: bool = False
    turbo: bool = False
    emergency_stop: bool = False
    arm: bool = False
    actions: frozenset[EpisodeAction] = frozenset()
    lost: bool = False

    def __post_init__(self) -> None:
        for name in ("forward", "turn"):
            object.__setattr__(self, name, checked_share(name, getattr(self, name)))

    def seen(self, **buttons: Any) -> GamepadState:
        """The state of a gamepad in these hands; `buttons` are those of `HandState`."""
        return GamepadState(forward=self.forward, turn=self.turn, turbo=self.turbo, **buttons)


def checked_share(name: str, value: float) -> float:
    """A share within [-1, 1].  Raises CairnError for one that is farther off than rounding explains."""
    if not (isfinite(value) and abs(value) <= 1.0 + _TOLERANCE):
        raise CairnError(f"expected a share from -1 to 1 for {name}, got {value}")
    return max(-1.0, min(1.0, value))


OFF = Hands()
"""Hands off."""
