"""What motors say of themselves."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.arm.dynamixel.motor_bus import Answer
from cairn.hardware.arm.dynamixel.register import (
    GOAL_POSITION,
    PRESENT_CURRENT,
    PRESENT_POSITION,
    PRESENT_VELOCITY,
)

# Around its goal, at rest: gravity and friction keep it a little off.
_NEAR = 57
_STILL = 2


@dataclass(frozen=True)
class MotorReading:
    """What changes all the time, in the motor's own units; `goal` is where it was told to go."""

    START = GOAL_POSITION.address
    LENGTH = PRESENT_POSITION.address + PRESENT_POSITION.size - START

    goal: int
    current: int
    velocity: int
    position: int
    alert: bool

    @classmethod
    def of(cls, answer: Answer) -> MotorReading:
        return cls(
            goal=GOAL_POSITION.decode(answer.data, cls.START),
            current=PRESENT_CURRENT.decode(answer.data, cls.START),
            velocity=PRESENT_VELOCITY.decode(answer.data, cls.START),
            position=PRESENT_POSITION.decode(answer.data, cls.START),
            alert=answer.alert,
        )

    @property
    def resting_goal(self) -> int:
        """The goal that stops the motor where it stands.

        A motor at rest close to its goal keeps it: gravity would lower the arm with every new one.
        """
        rests = abs(self.velocity) <= _STILL and abs(self.goal - self.position) <= _NEAR
        return self.goal if rests else self.position


@dataclass(frozen=True)
class MotorCondition:
    """What changes rarely.

    Attributes:
        has_torque: whether it holds its goal.
        complaints: e.g. ("overload",).
        temperature: inside [°C].
        voltage: of its supply [V].
    """

    has_torque: bool
    complaints: tuple[str, ...]
    temperature: int
    voltage: float
