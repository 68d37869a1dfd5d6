"""A gamepad that drives a base, through `sensor_msgs/Joy`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cairn.hardware.gamepad import GamepadState
from cairn.hardware.stick_curve import StickCurve
from cairn.hardware.teleop.hands import Hands
from cairn.hardware.teleop.joy_mapping import JoyMapping
from cairn.hardware.teleop.joy_pad import JoyPad, actions_down, is_down


class JoyGamepad(JoyPad[GamepadState]):
    """See `JoyPad`, whose further arguments it takes.

    Args:
        mapping: which axis and button does what.
        curve: shape of both sticks.
    """

    def __init__(
        self, mapping: JoyMapping | None = None, curve: StickCurve | None = None, **options: Any
    ) -> None:
        self._mapping = mapping or JoyMapping()
        super().__init__(Hands(), self._mapping.emergency_stop, curve, **options)

    def _read(self, axes: Sequence[float], buttons: Sequence[int]) -> tuple[Hands, Sequence[float]]:
        mapping = self._mapping
        mapping.check(axes, buttons)
        # Checked as they are: the curve would hide a NaN.
        raw = Hands(axes[mapping.forward], axes[mapping.turn])
        hands = Hands(
            self._curve(raw.forward),
            self._curve(raw.turn),
            deadman=is_down(buttons, mapping.deadman),
            turbo=is_down(buttons, mapping.turbo),
            emergency_stop=self.is_emergency_stop(buttons),
            arm=is_down(buttons, mapping.arm),
            actions=actions_down(buttons, mapping.actions),
        )
        return hands, (raw.forward, raw.turn)
