"""All motors of a WidowX 250s together."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from itertools import cycle
from pathlib import Path

from cairn.hardware.arm.arm import ArmLost
from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState
from cairn.hardware.arm.dynamixel.hardware_error import error_words
from cairn.hardware.arm.dynamixel.motor import GRIPPER, MOTORS, Motor
from cairn.hardware.arm.dynamixel.motor_bus import RETRIES, BusCounters, MotorBus
from cairn.hardware.arm.dynamixel.motor_reading import MotorCondition, MotorReading
from cairn.hardware.arm.dynamixel.motor_settings import position_limits
from cairn.hardware.arm.dynamixel.motor_setup import MotorSetup
from cairn.hardware.arm.dynamixel.register import (
    GOAL_POSITION,
    HARDWARE_ERROR,
    INPUT_VOLTAGE,
    TEMPERATURE,
    TORQUE_ENABLE,
    Register,
)
from cairn.hardware.arm.dynamixel.state_of_motors import state_of_motors

_TORQUE_AND_ERRORS = (TORQUE_ENABLE, HARDWARE_ERROR)
_SLOW = (*_TORQUE_AND_ERRORS, TEMPERATURE, INPUT_VOLTAGE)


class MotorGroup:
    """What the motors were told, and what they said last.  Not thread-safe.

    Connecting checks the motors, sets them up, and has them hold the arm where it stands.

    Args:
        device: path of the serial port.
        model: limits of the joints.
        grip: share of its greatest effort that the gripper may use.
        silence: seconds, of which all attempts to get an answer take half.
        latency: seconds for which the port holds back what it received.

    Everything raises ArmLost; what else it raises is said there.

    Attributes:
        goals: targets [ticks] by the address of a leader.
        conditions: torque and complaints by address.
    """

    def __init__(self, device: Path, model: ArmModel, grip: float, *, silence: float, latency: float) -> None:
        self._model = model
        self._bus = MotorBus(device, silence, latency)
        self._setup = MotorSetup(self._bus, model, grip)
        self._readings: dict[int, MotorReading] = {}
        self.conditions: dict[int, MotorCondition] = {}
        self._rebooting: set[int] = set()
        self.goals: dict[int, int] = {}
        self._repeats = 0
        self._slow: dict[Register, dict[int, int]] = {register: {} for register in _SLOW}
        self._turns = cycle(_SLOW)
        try:
            self._setup.identify()
            self._setup.configure()
            self.inspect(MOTORS)
            self.engage()
        except BaseException:
            self._bus.close()
            raise

    @property
    def counters(self) -> BusCounters:
        return self._bus.counters

    def close(self) -> None:
        """The motors go on holding.  Safe to call twice."""
        self._bus.close()

    def look(self, clock_offset: float) -> ArmState:
        """Read all motors, repeat targets that were lost, and say how the arm stands.

        Args:
            clock_offset: what the stamp is ahead of the monotonic clock [s].
        """
        began = time.monotonic()
        present = [motor for motor in MOTORS if motor.number not in self._rebooting]
        answers = self._bus.read(_numbers(present), MotorReading.START, MotorReading.LENGTH)
        self._readings |= {number: MotorReading.of(answer) for number, answer in answers.items()}
        self.inspect((motor for motor in present if self._alert_is_news(motor)), _TORQUE_AND_ERRORS)
        self._repeat_lost_targets(present)
        return state_of_motors(
            self._model,
            began + clock_offset,
            self._setup.kinds,
            self._readings,
            self.conditions,
            self._rebooting,
        )

    def inspect(self, motors: Iterable[Motor], registers: Iterable[Register] = _SLOW) -> None:
        """Read the conditions of some motors."""
        numbers = [number for number in _numbers(motors) if number not in self._rebooting]
        if not numbers:
            return
        for register in registers:
            self._slow[register] |= self._bus.read_register(numbers, register)
        torque, errors, temperatures, voltages = (self._slow[register] for register in _SLOW)
        for number in numbers:
            self.conditions[number] = MotorCondition(
                torque[number] == 1, error_words(errors[number]), temperatures[number], voltages[number] / 10
            )

    def inspect_next(self) -> None:
        """Read one part of all conditions; in four turns all parts."""
        self.inspect(MOTORS, [next(self._turns)])

    def send(self, targets: Mapping[int, float]) -> None:
        """Targets [ticks] by the address of a leader; a second motor on its shaft gets the same."""
        for motor in MOTORS:
            if motor.number in targets:
                lower, upper = position_limits(motor, self._model)
                self.goals[motor.number] = max(lower, min(upper, round(targets[motor.number])))
        self._repeats = 0
        leaders = {motor.number: motor.leader or motor.number for motor in MOTORS}
        self._bus.send(
            GOAL_POSITION,
            {number: self.goals[leader] for number, leader in leaders.items() if leader in targets},
        )

    def resting_goals(self) -> dict[int, int]:
        """The targets [ticks] that stop every joint where it stands, by the address of a leader."""
        return {
            motor.number: self._readings[motor.number].resting_goal
            for motor in MOTORS
            if motor.joint != GRIPPER and not motor.leader
        }

    def engage(self) -> None:
        """Have every sound motor hold the arm where it stands.  Raises CairnError when one does not."""
        self.goals = self._setup.engage(self.conditions)
        self._repeats = 0
        self.inspect(MOTORS)

    def release(self) -> None:
        """Take the torque of all motors away.  Raises CairnError when one keeps it."""
        present = [number for number in _numbers(MOTORS) if number not in self._rebooting]
        self._setup.settle({TORQUE_ENABLE: dict.fromkeys(present, 0)})
        self.inspect(MOTORS)

    def begin_reboot(self, motor: Motor) -> None:
        """The motor lets go, and is left alone until it came back."""
        self._rebooting.add(motor.number)
        self._bus.reboot(motor.number)

    def end_reboot(self, motor: Motor) -> bool:
        """Whether a motor came back; it then holds like the others, if they do.  Raises as `engage` does."""
        if self._bus.ping(motor.number) != self._setup.kinds[motor.number].number:
            return False
        self._rebooting.discard(motor.number)
        holds = any(self.conditions[other].has_torque for other in _numbers(MOTORS) if other != motor.number)
        self.inspect([motor])
        if holds:
            self.engage()
        else:
            self._setup.prepare([motor])
        return True

    @property
    def is_rebooting(self) -> bool:
        return bool(self._rebooting)

    def _alert_is_news(self, motor: Motor) -> bool:
        known = bool(self.conditions[motor.number].complaints)
        return self._readings[motor.number].alert != known

    def _repeat_lost_targets(self, present: Iterable[Motor]) -> None:
        """Nobody confirms a target, but every motor says which it has."""
        wanted = {motor: self.goals[motor.leader or motor.number] for motor in present}
        astray = [motor for motor, goal in wanted.items() if self._readings[motor.number].goal != goal]
        self.inspect(astray, _TORQUE_AND_ERRORS)
        # A motor that lost its torque, or power for a moment, has lost its target with it.
        astray = [motor for motor in astray if self._obeys(self.conditions[motor.number])]
        if not astray:
            self._repeats = 0
            return
        if self._repeats == RETRIES:
            raise ArmLost(f"{', '.join(map(str, astray))}: a target sent {1 + RETRIES} times was not taken")
        self._repeats += 1
        self._bus.note_lost_target()
        self._bus.send(GOAL_POSITION, {motor.number: wanted[motor] for motor in astray})

    @staticmethod
    def _obeys(condition: MotorCondition) -> bool:
        return condition.has_torque and not condition.complaints


def _numbers(motors: Iterable[Motor]) -> list[int]:
    return [motor.number for motor in motors]
