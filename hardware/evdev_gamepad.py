"""A gamepad that drives a base, through Linux's event devices."""

from __future__ import annotations

from typing import Any

from cairn.hardware.evdev_pad import EvdevPad, PadReading
from cairn.hardware.gamepad import GamepadState
from cairn.hardware.gamepad_mapping import GamepadMapping
from cairn.hardware.stick_curve import StickCurve


class EvdevGamepad(EvdevPad[GamepadState]):
    """See `EvdevPad`, whose further arguments it takes.

    Args:
        device: name, unique id or path; "any".
        mapping: which stick and button does what.
        curve: shape of both sticks.
    """

    def __init__(
        self,
        device: str,
        mapping: GamepadMapping | None = None,
        curve: StickCurve | None = None,
        **options: Any,
    ) -> None:
        super().__init__(device, (mapping or GamepadMapping()).controls, curve, **options)

    def _state(self, reading: PadReading) -> GamepadState:
        # Evdev counts away from the operator and to the left as negative.
        return GamepadState(
            forward=-reading.sticks["forward"],
            turn=-reading.sticks["turn"],
            turbo="turbo" in reading.held,
            deadman=reading.deadman,
            emergency_stop=reading.emergency_stop,
            stamp=reading.stamp,
            arm="arm" in reading.held,
            actions=reading.actions,
            was_lost=reading.was_lost,
        )
