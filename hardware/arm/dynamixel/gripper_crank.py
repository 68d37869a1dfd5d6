"""How the gripper's fingers follow its motor."""

from __future__ import annotations

from math import asin, cos, sin, sqrt

from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.dynamixel.motor import to_radians, to_ticks

# Lengths of crank and rod [m] by the vendor's description of the arm.
_CRANK = 0.014
_ROD = 0.024


class GripperCrank:
    """A crank slides both fingers by rods: opening (0 closed, 1 open) to ticks of the motor and back."""

    def __init__(self, model: ArmModel) -> None:
        self._model = model

    def ticks(self, opening: float) -> int:
        """Position of the motor for an opening within [0, 1]."""
        finger = self._model.finger(opening)
        return round(to_ticks(asin((_CRANK**2 + finger**2 - _ROD**2) / (2 * _CRANK * finger))))

    def opening(self, ticks: float) -> float:
        """Opening at a position of the motor, within [0, 1]."""
        angle = to_radians(ticks)
        finger = _CRANK * sin(angle) + sqrt(_ROD**2 - (_CRANK * cos(angle)) ** 2)
        return min(1.0, max(0.0, self._model.opening(finger)))
