"""Which motors an arm is made of, by what they say."""

from __future__ import annotations

from collections.abc import Sequence

from cairn.hardware.arm.dynamixel.motor import MOTORS, MotorModel, model_name
from cairn.hardware.errors import CairnError


def motor_kinds(numbers: Sequence[int], where: str) -> dict[str, MotorModel]:
    """The kind of motor by joint, "gripper" included, from their model numbers in the order of the joints.

    A ViperX has the same joints as a WidowX 250s, but other motors.  Raises CairnError for those.
    """
    kinds = {}
    leaders = [motor for motor in MOTORS if not motor.leader]
    for motor, number in zip(leaders, numbers, strict=True):
        fitting = [model for model in motor.models if model.number == number]
        if not fitting:
            raise CairnError(
                f"expected a WidowX 250s at {where}, whose {motor.joint} is moved by a "
                f"{' or '.join(model.name for model in motor.models)}; got {model_name(number)}"
            )
        kinds[motor.joint] = fitting[0]
    return kinds
