"""A gamepad that drives an arm, through `sensor_msgs/Joy`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cairn.hardware.stick_curve import StickCurve
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.hardware.teleop.arm_joy_mapping import ArmJoyMapping
from cairn.hardware.teleop.arm_pad_state import ArmPadState
from cairn.hardware.teleop.hands import checked_share
from cairn.hardware.teleop.joy_pad import JoyPad, actions_down, is_down


class ArmJoyGamepad(JoyPad[ArmPadState]):
    """See `JoyPad`, whose further arguments it takes.

    Args:
        mapping: which axis and button does what.
        curve: shape of all sticks.
    """

    def __init__(
        self, mapping: ArmJoyMapping | None = None, curve: StickCurve | None = None, **options: Any
    ) -> None:
        self._mapping = mapping or ArmJoyMapping()
        super().__init__(ArmInput(), self._mapping.emergency_stop, curve, **options)

    def _read(self, axes: Sequence[float], buttons: Sequence[int]) -> tuple[ArmInput, Sequence[float]]:
        mapping = self._mapping
        mapping.check(axes, buttons)

        def stick(name: str) -> float:
            index = getattr(mapping, name)
            # Checked as it is: the curve would hide a NaN.
            return checked_share(name, axes[index]) if index >= 0 else 0.0

        raw = {name: stick(name) for name in ("x", "y", "pitch", "yaw")}
        raw |= {name: abs(stick(name)) for name in ("up", "down")}
        x, y, pitch, yaw, up, down = map(self._curve, raw.values())
        roll = float(is_down(buttons, mapping.roll_left)) - float(is_down(buttons, mapping.roll_right))
        hands = ArmInput(
            (x, y, up - down),
            # About the arm's y axis fingers that point down swing towards the arm.
            (roll, -pitch, yaw),
            toggle=is_down(buttons, mapping.gripper),
            deadman=is_down(buttons, mapping.deadman),
            emergency_stop=self.is_emergency_stop(buttons),
            arm=is_down(buttons, mapping.arm),
            actions=actions_down(buttons, mapping.actions),
        )
        return hands, tuple(raw.values())
