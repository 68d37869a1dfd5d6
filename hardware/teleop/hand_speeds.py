"""How fast hands move a hand."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.errors import CairnError
from cairn.hardware.setting import check_settings, setting
from cairn.hardware.teleop.arm_hands import ArmHands


@dataclass(frozen=True)
class HandSpeeds:
    """What a stick at its stop means.  Raises InvalidSetting."""

    linear: float = setting(
        "greatest speed of the hand [m/s]; Bridge's .05 m a step at 5 Hz", 0.25, minimum=0.005, maximum=1.0
    )
    angular: float = setting(
        "greatest turn rate of the hand [rad/s]; Bridge's .25 rad a step at 5 Hz",
        1.25,
        minimum=0.05,
        maximum=6.0,
    )

    def __post_init__(self) -> None:
        check_settings(self)

    def step(self, hands: ArmHands, period: float) -> HandStep:
        """What hands ask for in `period` [s], never above the speeds.

        Raises CairnError for hands that are not finite, or whose clutch is not held: they ask for nothing.
        """
        if not hands.is_finite:
            raise CairnError(f"expected finite hands, got {hands}")
        if not hands.clutch:
            raise CairnError("hands without the clutch ask for no step")
        far, turn = self.linear * period, self.angular * period
        x, y, z = (far * value for value in hands.linear)
        roll, pitch, yaw = (turn * value for value in hands.angular)
        return HandStep((x, y, z), (roll, pitch, yaw), hands.opening).limited(far, turn)
