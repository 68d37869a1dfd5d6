"""What comes of all hands that drive an arm, at one look."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.teleop.look import Look


@dataclass(frozen=True, kw_only=True)
class ArmDecision(Look):
    """One look.

    Attributes:
        step: to ask the arm's gate for; None while nobody drives: the arm holds by itself.
        speed: of the hand that is wanted, x, y, z [m/s] and roll, pitch, yaw [rad/s]; zero while nobody
            drives.
    """

    step: HandStep | None = None
    speed: tuple[float, float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
