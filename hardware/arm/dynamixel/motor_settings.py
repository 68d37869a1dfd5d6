"""How each motor must be set."""

from __future__ import annotations

from math import pi

from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.dynamixel.motor import (
    ACCELERATION_UNIT,
    GRIPPER,
    TICKS,
    VELOCITY_UNIT,
    Motor,
    MotorModel,
    limit_ticks,
)
from cairn.hardware.arm.dynamixel.register import (
    BUS_WATCHDOG,
    CURRENT_LIMIT,
    DRIVE_MODE,
    GOAL_CURRENT,
    GOAL_PWM,
    MAX_POSITION,
    MIN_POSITION,
    OPERATING_MODE,
    PROFILE_ACCELERATION,
    PROFILE_VELOCITY,
    PWM_LIMIT,
    RETURN_DELAY,
    SECONDARY_ID,
    SHUTDOWN,
    VELOCITY_LIMIT,
    Register,
)

_POSITION, _CURRENT_BASED_POSITION = 3, 5
_MIRRORED = 1
_NOBODY = 255
_FULL_PWM = 885
# Overload, electrical shock and overheating take the torque away, as the vendor has it: motors burn.
_SHUTDOWN = 0b110100
_GRIPPER_VELOCITY = pi
# Streamed targets are followed 50 ms late at 2 rad/s, and steps at 5 Hz are not jerks.
_ACCELERATION = 20.0


def position_limits(motor: Motor, model: ArmModel) -> tuple[int, int]:
    """Lowest and highest position [ticks]; the gripper's is left to its crank."""
    for joint in model.joints:
        if joint.name == motor.joint:
            return limit_ticks(joint.lower), limit_ticks(joint.upper)
    return 0, TICKS - 1


def kept_settings(motor: Motor, kind: MotorModel, model: ArmModel) -> dict[Register, int]:
    """What must stand in the registers that outlast a power cycle.

    Mostly what the vendor ships, except for the gripper's mode.  The Drive Mode's time-based profile is
    off: with it every target takes a fixed time, 2 s by the vendor's default, and streaming is impossible.
    """
    lower, upper = position_limits(motor, model)
    limited_by_current = motor.joint == GRIPPER and kind.measures_current
    settings = {
        RETURN_DELAY: 0,
        DRIVE_MODE: _MIRRORED if motor.mirrored else 0,
        OPERATING_MODE: _CURRENT_BASED_POSITION if limited_by_current else _POSITION,
        SECONDARY_ID: motor.leader or _NOBODY,
        PWM_LIMIT: _FULL_PWM,
        VELOCITY_LIMIT: _velocity(motor, model),
        MAX_POSITION: upper,
        MIN_POSITION: lower,
        SHUTDOWN: _SHUTDOWN,
    }
    if kind.measures_current:
        settings[CURRENT_LIMIT] = kind.effort_range
    return settings


def volatile_settings(motor: Motor, kind: MotorModel, model: ArmModel, grip: float) -> dict[Register, int]:
    """What must be written anew after power came back.

    The motors' own watchdog stays off.  It would not hold the last target: it writes a new goal, with a
    homing offset (every shadow has one) a wrong one towards which the motor runs off
    (ROBOTIS-GIT/DynamixelSDK issue 584), and it would let go of what the gripper holds.
    """
    limited_by_current = motor.joint == GRIPPER and kind.measures_current
    settings = {
        BUS_WATCHDOG: 0,
        GOAL_PWM: round(grip * _FULL_PWM) if motor.joint == GRIPPER else _FULL_PWM,
        PROFILE_VELOCITY: _velocity(motor, model),
        PROFILE_ACCELERATION: round(_ACCELERATION / ACCELERATION_UNIT),
    }
    if limited_by_current:
        settings |= {GOAL_PWM: _FULL_PWM, GOAL_CURRENT: round(grip * kind.effort_range)}
    return settings


def _velocity(motor: Motor, model: ArmModel) -> int:
    limits = {joint.name: joint.velocity for joint in model.joints}
    return round(limits.get(motor.joint, _GRIPPER_VELOCITY) / VELOCITY_UNIT)
