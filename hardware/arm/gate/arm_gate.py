"""The last word on what the arm is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.cartesian_servo import CartesianServo, ServoPhase
from cairn.hardware.arm.gate.arm_verdict import ArmVerdict
from cairn.hardware.arm.gate.effort_watch import EffortWatch
from cairn.hardware.arm.gate.settings import ArmGateSettings
from cairn.hardware.arm.gate.step_budget import StepBudget
from cairn.hardware.arm.gate.workspace import Workspace
from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.arm.kinematics import ArmKinematics
from cairn.hardware.errors import CairnError
from cairn.hardware.gate.emergency_stop import EmergencyStop
from cairn.hardware.gate.fault import Cause, Fault
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.silence_watchdog import SilenceWatchdog
from cairn.hardware.gate.stamp_filter import StampFilter
from cairn.hardware.gate.verdict import GateState
from cairn.hardware.gate.watched_sensor import WatchedSensor

_SAID_FOR = 0.08  # [s]: a few messages, of which one may be lost
_SAG = 0.1  # [rad] of a joint below its target under load; what is off by more was moved


class ArmGate:
    """Takes steps of the hand, checks that the arm may move, and leads the joints there.

    Messages are handed in as they come; `tick` decides at a steady rate.  The gate keeps the hand's target
    itself and steps are relative to it, so that nobody's idea of the target can run away from the arm: where
    the hand can't go on, the next step starts from where it is.  Whatever stops the arm makes it hold where
    its joints stand; the gripper keeps what it was told, for what it holds must not fall.
    """

    def __init__(self, kinematics: ArmKinematics, workspace: Workspace, settings: ArmGateSettings) -> None:
        self._settings = settings
        self._workspace = workspace
        self._servo = CartesianServo(kinematics, settings)
        tolerance = settings.future_tolerance
        self._stamps = {
            "teleop": StampFilter(settings.teleop_max_age, tolerance),
            "policy": StampFilter(settings.policy_max_age, tolerance),
        }
        self._joints = WatchedSensor(
            "joint states",
            StampFilter(settings.state_max_age, tolerance),
            SilenceWatchdog("joint states", settings.state_timeout, settings.resume_states),
        )
        self._efforts = EffortWatch(kinematics.arm, settings.effort, settings.effort_time)
        self._budget = StepBudget(settings.linear_speed, settings.angular_speed, settings.longest_step)
        self._emergency_stop = EmergencyStop(settings.emergency_stop_timeout)
        self._arm = kinematics.arm
        self._state: ArmState | None = None
        self._latched: Fault | None = None
        self._mad: Counter[str] = Counter()
        self._rejections: Counter[tuple[str, Rejection]] = Counter()
        self._target: NDArray[np.float64] | None = None
        self._command: ArmTarget | None = None
        self._phase = ServoPhase.HOLDING
        self._opening = 1.0
        self._source = ""
        self._is_limited = False
        self._teleop: float | None = None
        self._told: float | None = None
        self._last_ros: float | None = None

    @property
    def rejections(self) -> Counter[tuple[str, Rejection]]:
        """How many messages were dropped, by who sent them and why."""
        return self._rejections

    def observe_state(self, state: ArmState, now: Instant) -> Rejection | None:
        """The joints were seen, at `state.stamp` [s, ROS clock]."""
        self._notice_time(now)
        if not np.isfinite([*state.positions, *state.velocities, *state.efforts, state.opening]).all():
            self._joints.observe_invalid()
            return self._counted("joint states", Rejection.NON_FINITE)
        rejection = self._counted("joint states", self._joints.observe(state.stamp, now))
        if rejection is None:
            self._arm.check_finite(state.positions)
            self._state = state
            hard = self._efforts.update(state.efforts, now.monotonic)
            if hard is not None:
                self._latch(Cause.EFFORT, f"{hard}: arm the gate")
            if state.faults:
                self._latch(Cause.MOTOR, f"{', '.join(state.faults)}: arm the gate")
        return rejection

    def observe_emergency_stop(self, pressed: bool, now: Instant) -> None:
        """The state of the emergency stop arrived."""
        self._emergency_stop.update(pressed, now.monotonic)

    def offer(self, source: str, step: HandStep, stamp: float, now: Instant) -> Rejection | None:
        """A step: `stamp` [s, ROS clock] is that of the observation that led to it.

        Returns why it was dropped, or None.  Raises CairnError for an unknown source.
        """
        if source not in self._stamps:
            raise CairnError(f"unknown source {source!r}; valid are {', '.join(self._stamps)}")
        self._notice_time(now)
        return self._counted(source, self._take(source, step, stamp, now))

    def arm(self) -> str | None:
        """A person releases the latches.  Returns why that is refused, or None."""
        if self._emergency_stop.is_pressed:
            return "the emergency stop is still pressed"
        if self._state is not None and self._state.faults:
            return f"the motors complain: {', '.join(self._state.faults)}"
        self._emergency_stop.release()
        self._latched = None
        self._mad.clear()
        return None

    def tick(self, now: Instant) -> ArmVerdict:
        """Decide what goes out now."""
        self._notice_time(now)
        for fault in self._faults(now):
            return self._stop(fault, now.monotonic)
        self._told = None
        assert self._state is not None  # else its absence is a fault
        if self._target is None:
            self._begin(self._state)
        assert self._target is not None
        step = self._servo.update(self._state.positions, self._target)
        self._phase = step.phase
        self._command = ArmTarget(step.positions, self._opening)
        return self._verdict(GateState.DRIVING, Fault(Cause.NONE, step.reason))

    def shut(self, now: Instant) -> ArmVerdict:
        """The last word: hold."""
        return self._stop(Fault(Cause.SHUTDOWN, "the gate shuts down"), now.monotonic)

    def _begin(self, state: ArmState) -> None:
        """Nothing is wanted yet but to stay."""
        stays = state.positions
        if self._command is not None:
            self._opening = self._command.opening
            moved = np.abs(np.subtract(self._command.positions, state.positions)).max()
            if moved < _SAG:
                # Taking the sag for the place to stay at would let the arm sink a little at every stop.
                stays = self._command.positions
        else:
            self._opening = state.opening
        self._servo.begin(stays)
        self._target = self._servo.pose

    def _take(self, source: str, step: HandStep, stamp: float, now: Instant) -> Rejection | None:
        if not step.is_finite:
            self._mad[source] += 1
            if source == self._source and self._target is not None:
                # Who went mad may have been so a step ago: the hand stays where it is led now.
                self._target = self._servo.pose
            if self._mad[source] >= self._settings.non_finite_latch:
                self._latch(
                    Cause.NON_FINITE, f"{source} gave {self._mad[source]} non-finite steps: arm the gate"
                )
            return Rejection.NON_FINITE
        rejection = self._stamps[source].check(stamp, now)
        if rejection is not None:
            return rejection
        if self._target is None or next(self._faults(now), None) is not None:
            return Rejection.STOPPED
        if source == "teleop":
            self._teleop = now.monotonic
        elif self._teleop is not None and now.monotonic - self._teleop < self._settings.teleop_priority:
            return Rejection.OUTRANKED
        taken = self._budget.spend(step, now.monotonic)
        # Where the hand could not go on, its target is where it is.
        start = self._servo.pose if self._phase is ServoPhase.HOLDING else self._target
        wanted = taken.from_pose(start)
        self._target = self._workspace.nearest(wanted)
        self._opening, self._source = taken.opening, source
        self._is_limited = taken != step or not np.array_equal(wanted, self._target)
        return None

    def _faults(self, now: Instant) -> Iterator[Fault]:
        if self._emergency_stop.is_latched:
            hint = "" if self._emergency_stop.is_pressed else " was pressed: arm the gate"
            yield Fault(Cause.EMERGENCY_STOP, f"emergency stop{hint}")
        if self._latched is not None:
            yield self._latched
        silence = self._emergency_stop.silence(now.monotonic)
        if silence is not None:
            yield Fault(Cause.EMERGENCY_STOP, silence)
        reason = self._joints.fault(now)
        if reason is not None:
            yield Fault(Cause.JOINT_STATES, reason)
        if self._state is not None and not self._state.has_torque:
            yield Fault(Cause.MOTOR, "the motors have no torque")

    def _stop(self, fault: Fault, now: float) -> ArmVerdict:
        """Hold where the joints stood when this was first said.

        It is said for a moment only: the arm holds by itself, and one that comes back after it was moved by
        hand must not be told to go where it stood before.
        """
        self._told = now if self._told is None else self._told
        if self._target is not None and self._state is not None and self._command is not None:
            self._command = replace(self._command, positions=self._arm.clamp(self._state.positions))
        self._target, self._source, self._is_limited = None, "", False
        self._phase = ServoPhase.HOLDING
        is_latched = fault is self._latched or self._emergency_stop.is_latched
        verdict = self._verdict(GateState.LATCHED if is_latched else GateState.STOPPED, fault)
        return verdict if now - self._told < _SAID_FOR else replace(verdict, command=None)

    def _verdict(self, state: GateState, fault: Fault) -> ArmVerdict:
        return ArmVerdict(
            state,
            fault.cause,
            fault.reason,
            self._source,
            self._command,
            self._target,
            self._phase,
            self._is_limited,
        )

    def _latch(self, cause: Cause, reason: str) -> None:
        if self._latched is None:
            self._latched = Fault(cause, reason)

    def _notice_time(self, now: Instant) -> None:
        if self._last_ros is not None and now.ros < self._last_ros:
            # The simulation was reset or the system clock set back: old stamps mean nothing any more.
            self._joints.forget_stamps()
            for stamps in self._stamps.values():
                stamps.forget()
        self._last_ros = now.ros

    def _counted(self, name: str, rejection: Rejection | None) -> Rejection | None:
        if rejection is not None:
            self._rejections[name, rejection] += 1
        return rejection
