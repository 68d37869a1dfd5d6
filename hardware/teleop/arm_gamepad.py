"""A gamepad that drives an arm, through Linux's event devices."""

from __future__ import annotations

from typing import Any

from cairn.hardware.evdev_pad import EvdevPad, PadReading
from cairn.hardware.stick_curve import StickCurve
from cairn.hardware.teleop.arm_pad_mapping import ArmPadMapping
from cairn.hardware.teleop.arm_pad_state import ArmPadState


class ArmGamepad(EvdevPad[ArmPadState]):
    """See `EvdevPad`, whose further arguments it takes.

    Args:
        device: name, unique id or path; "any".
        mapping: which stick and button does what.
        curve: shape of all sticks.
    """

    def __init__(
        self,
        device: str,
        mapping: ArmPadMapping | None = None,
        curve: StickCurve | None = None,
        **options: Any,
    ) -> None:
        super().__init__(device, (mapping or ArmPadMapping()).controls, curve, **options)

    def _state(self, reading: PadReading) -> ArmPadState:
        sticks = reading.sticks
        # Evdev counts away from the operator and to the left as negative.  About the arm's y axis fingers
        # that point down swing towards the arm, about its x axis to the left.
        return ArmPadState(
            linear=(-sticks["x"], -sticks["y"], sticks.get("up", 0.0) - sticks.get("down", 0.0)),
            angular=(-sticks.get("roll", 0.0), sticks["pitch"], -sticks["yaw"]),
            toggle="gripper" in reading.held,
            deadman=reading.deadman,
            emergency_stop=reading.emergency_stop,
            stamp=reading.stamp,
            arm="arm" in reading.held,
            actions=reading.actions,
            was_lost=reading.was_lost,
        )
