"""Which stick and which button does what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GamepadMapping:
    """Names of evdev axes and buttons; the defaults hold for every pad that follows the kernel's gamepad API.

    Attributes:
        forward: axis whose negative end (stick away from the operator) drives forward.
        turn: axis whose negative end (stick to the left) turns left.
        deadman: button to be held; the left shoulder button.
        emergency_stop: button that stops at once; the right one of the four (B, circle).
    """

    forward: str = "ABS_Y"
    turn: str = "ABS_RX"
    deadman: str = "BTN_TL"
    emergency_stop: str = "BTN_EAST"
