"""From what motors say to the state of the arm."""

from __future__ import annotations

from collections.abc import Mapping, Set

from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState
from cairn.hardware.arm.dynamixel.gripper_crank import GripperCrank
from cairn.hardware.arm.dynamixel.motor import GRIPPER, MOTORS, VELOCITY_UNIT, MotorModel, to_radians
from cairn.hardware.arm.dynamixel.motor_reading import MotorCondition, MotorReading


def state_of_motors(
    model: ArmModel,
    stamp: float,
    kinds: Mapping[int, MotorModel],
    readings: Mapping[int, MotorReading],
    conditions: Mapping[int, MotorCondition],
    rebooting: Set[int],
) -> ArmState:
    """The arm's state by what its motors, by address, said last; two on one shaft add their efforts.

    The position of a motor that reboots is its partner's on the shaft, or else where it was last seen.
    """
    leads: dict[str, int] = {}
    efforts = dict.fromkeys((*model.joint_names, GRIPPER), 0.0)
    for motor in MOTORS:
        if motor.joint not in leads or leads[motor.joint] in rebooting:
            leads[motor.joint] = motor.number
        if motor.number not in rebooting:
            current = readings[motor.number].current
            efforts[motor.joint] += current * kinds[motor.number].effort_unit
    joints = [readings[leads[joint]] for joint in model.joint_names]
    gripper = readings[leads[GRIPPER]]
    faults = {
        f"{motor.joint}: {complaint}"
        for motor in MOTORS
        for complaint in (
            ("rebooting",) if motor.number in rebooting else conditions[motor.number].complaints
        )
    }
    return ArmState(
        stamp=stamp,
        positions=tuple(to_radians(reading.position) for reading in joints),
        velocities=tuple(reading.velocity * VELOCITY_UNIT for reading in joints),
        efforts=tuple(efforts[joint] for joint in model.joint_names),
        opening=GripperCrank(model).opening(gripper.position),
        grip=max(-1.0, min(1.0, gripper.current / kinds[leads[GRIPPER]].effort_range)),
        has_torque=not rebooting and all(condition.has_torque for condition in conditions.values()),
        faults=tuple(sorted(faults)),
    )
