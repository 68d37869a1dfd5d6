"""Makes sure that the motors are those of a WidowX 250s, and that they are set as they must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import degrees

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.dynamixel.motor import (
    GRIPPER,
    MOTORS,
    TICKS,
    Motor,
    MotorModel,
    model_name,
    to_radians,
)
from cairn.hardware.arm.dynamixel.motor_bus import RETRIES, MotorBus
from cairn.hardware.arm.dynamixel.motor_reading import MotorCondition, MotorReading
from cairn.hardware.arm.dynamixel.motor_settings import kept_settings, position_limits, volatile_settings
from cairn.hardware.arm.dynamixel.register import (
    GOAL_POSITION,
    HOMING_OFFSET,
    PRESENT_POSITION,
    STATUS_RETURN_LEVEL,
    TORQUE_ENABLE,
    Register,
)
from cairn.hardware.errors import CairnError

_ANSWER_ALL = 2
# Two motors on one shaft may differ by their backlash, not by more.
_AGREEMENT = 11
_BEYOND_LIMITS = 57
_LARGEST_OFFSET = TICKS // 4
_TORQUE_IS_ON = (
    "These settings can be changed without torque only, and the arm would fall: hold it, switch its power "
    "off and on, and start again"
)


class MotorSetup:
    """Brings motors into the state that the driver relies on; never takes their torque away.

    Args:
        bus: open.
        model: limits of the joints.
        grip: share of its greatest effort that the gripper may use.

    Every method raises ArmLost.
    """

    def __init__(self, bus: MotorBus, model: ArmModel, grip: float) -> None:
        self._bus = bus
        self._model = model
        self._grip = grip
        self.kinds: dict[int, MotorModel] = {}

    def identify(self) -> None:
        """Raises ArmLost when motors are missing, CairnError when they are those of another arm."""
        found = {motor.number: self._ping(motor.number) for motor in MOTORS}
        if not any(found.values()):
            raise ArmLost("no motor answers at 1 Mbaud: is the arm's power supply on?")
        wrong = []
        for motor in MOTORS:
            kind, number = None, found[motor.number]
            for model in motor.models:
                kind = model if model.number == number else kind
            if kind is not None:
                self.kinds[motor.number] = kind
            elif number is not None:
                names = " or ".join(model.name for model in motor.models)
                wrong.append(f"{motor} should be {names} and is {model_name(number)}")
        missing = [str(motor) for motor in MOTORS if found[motor.number] is None]
        if wrong:
            there_is_no = f"; there is no {', '.join(missing)}" if missing else ""
            raise CairnError(f"expected a WidowX 250s, found another arm: {'; '.join(wrong)}{there_is_no}")
        if missing:
            raise ArmLost(f"{', '.join(missing)} of the arm: no answer; check the cables along its links")

    def configure(self) -> None:
        """Write kept registers where they differ.

        Raises CairnError when one differs in a motor that has torque: nothing is changed then.
        """
        self._bus.send(STATUS_RETURN_LEVEL, {motor.number: _ANSWER_ALL for motor in MOTORS})
        differing = self._differences()
        torque = self._bus.read_register([motor.number for motor in MOTORS], TORQUE_ENABLE)
        if any(torque[motor.number] for motor in differing):
            raise CairnError(f"{self._in_words(differing)}. {_TORQUE_IS_ON}")
        for motor, settings in differing.items():
            for register, (_, wanted) in settings.items():
                self._bus.write(motor.number, register, wanted)
        if differing:
            still = self._differences()
            if still:
                raise CairnError(f"settings were written and did not stay: {self._in_words(still)}")
        for motor in MOTORS:
            if motor.leader is not None:
                self._align(motor, motor.leader)

    def prepare(self, motors: Iterable[Motor]) -> None:
        """Write what a motor forgets without power."""
        settings: dict[Register, dict[int, int]] = {}
        for motor in motors:
            kind = self.kinds[motor.number]
            for register, value in volatile_settings(motor, kind, self._model, self._grip).items():
                settings.setdefault(register, {})[motor.number] = value
        self.settle(settings)

    def engage(self, conditions: Mapping[int, MotorCondition]) -> dict[int, int]:
        """Have every sound motor hold the arm where it stands; those with torque keep it all the while.

        Returns the goals [ticks] by leader's address.  Raises CairnError, and does nothing, when a joint
        stands where it must not: it would dash to its limit.
        """
        sound = [motor for motor in MOTORS if not conditions[motor.number].complaints]
        holding = {motor.number for motor in sound if conditions[motor.number].has_torque}
        self.prepare(sound)
        answers = self._bus.read([motor.number for motor in MOTORS], MotorReading.START, MotorReading.LENGTH)
        readings = {number: MotorReading.of(answer) for number, answer in answers.items()}
        goals: dict[int, int] = {}
        for motor in MOTORS:
            reading = readings[motor.number]
            if motor.number in holding:
                goal = reading.goal if motor.joint == GRIPPER else reading.resting_goal
                goals.setdefault(motor.leader or motor.number, goal)
        for motor in MOTORS:
            lower, upper = position_limits(motor, self._model)
            leader = motor.leader or motor.number
            wanted = goals.get(leader, readings[leader].position)
            goals[leader] = max(lower, min(upper, wanted))
            if motor in sound and abs(goals[leader] - wanted) > _BEYOND_LIMITS:
                raise CairnError(
                    f"{motor} stands at {_degrees(wanted)}, valid is {_degrees(lower)} to {_degrees(upper)}: "
                    "move it there by hand, without torque, and try again"
                )
        self.settle({GOAL_POSITION: {motor.number: goals[motor.leader or motor.number] for motor in sound}})
        self.settle({TORQUE_ENABLE: {motor.number: 1 for motor in sound}})
        return goals

    def settle(self, settings: Mapping[Register, Mapping[int, int]]) -> None:
        """Write registers of many motors, by address, at once and see that they stay.

        Raises CairnError when they don't.
        """
        wrong: list[str] = []
        for _ in range(1 + RETRIES):
            for register, values in settings.items():
                self._bus.send(register, values)
            wrong = [
                f"{register.name} of motor {number}"
                for register, values in settings.items()
                for number, value in self._bus.read_register(values, register).items()
                if value != values[number]
            ]
            if not wrong:
                return
        raise CairnError(f"{', '.join(wrong)} did not take what was written")

    def _ping(self, number: int) -> int | None:
        for attempt in range(1 + RETRIES):
            model = self._bus.ping(number, attempt)
            if model is not None:
                return model
        return None

    def _differences(self) -> dict[Motor, dict[Register, tuple[int, int]]]:
        """What stands in registers and what should, where that differs."""
        wanted: dict[Register, dict[Motor, int]] = {}
        for motor in MOTORS:
            for register, value in kept_settings(motor, self.kinds[motor.number], self._model).items():
                wanted.setdefault(register, {})[motor] = value
        differing: dict[Motor, dict[Register, tuple[int, int]]] = {}
        for register, values in wanted.items():
            found = self._bus.read_register([motor.number for motor in values], register)
            for motor, value in values.items():
                if found[motor.number] != value:
                    differing.setdefault(motor, {})[register] = (found[motor.number], value)
        return differing

    @staticmethod
    def _in_words(differing: Mapping[Motor, Mapping[Register, tuple[int, int]]]) -> str:
        return "; ".join(
            f"{motor}: "
            + ", ".join(f"{register.name} is {a} and must be {b}" for register, (a, b) in of.items())
            for motor, of in differing.items()
        )

    def _align(self, shadow: Motor, leader: int) -> None:
        """Have both motors of a shaft tell the same position: with one goal they would else fight.

        Raises CairnError when that can't be done.
        """
        apart = self._apart(shadow, leader)
        if abs(apart) <= _AGREEMENT:
            return
        problem = f"{shadow} and its leader stand {abs(apart) * 360 / TICKS:.1f}° apart by their own account"
        if any(self._bus.read_register([shadow.number, leader], TORQUE_ENABLE).values()):
            raise CairnError(f"{problem}, they would fight each other. {_TORQUE_IS_ON}")
        old = self._bus.read_register([shadow.number], HOMING_OFFSET)[shadow.number]
        if abs(old + apart) > _LARGEST_OFFSET:
            raise CairnError(
                f"{problem}, too far for a homing offset: the horn of {shadow} is mounted wrongly"
            )
        self._bus.write(shadow.number, HOMING_OFFSET, old + apart)
        if abs(self._apart(shadow, leader)) > _AGREEMENT:
            self._bus.write(shadow.number, HOMING_OFFSET, old)
            raise CairnError(f"{problem}, and a homing offset did not help: does the arm move?")

    def _apart(self, shadow: Motor, leader: int) -> int:
        positions = self._bus.read_register([shadow.number, leader], PRESENT_POSITION)
        return positions[leader] - positions[shadow.number]


def _degrees(ticks: int) -> str:
    return f"{degrees(to_radians(ticks)):.0f}°"
