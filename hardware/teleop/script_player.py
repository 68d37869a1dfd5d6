"""Plays a script for a fake hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cairn.hardware.gate.instant import Instant
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.hardware.teleop.hands import Hands
from cairn.hardware.teleop.operator_script import OperatorScript
from cairn.hardware.teleop.script_step import (
    Arm,
    Drive,
    Label,
    PressEmergencyStop,
    ScriptError,
    Step,
    WaitFor,
)

SHOWN = 0.3
"""How long a release is shown before a press, and after the last step [s, real time]."""
ANSWER_WITHIN = 20.0
"""How long a service may take to answer, and teleoperation to follow a press [s, real time]."""
_PRESS = 1.0


@dataclass(frozen=True)
class Surroundings:
    """What the player sees of the others.

    Attributes:
        ready: who of those that can be waited for is ready.
        controls: teleoperation says that this controller drives.
        gate_follows: the gate passes on teleoperation's commands.
        teleop_reason, gate_reason: why not, in their words.
        answer: of the service asked last: None while it is awaited, "" for consent, else the refusal.
    """

    ready: frozenset[str] = frozenset()
    controls: bool = False
    gate_follows: bool = True
    teleop_reason: str = ""
    gate_reason: str = ""
    answer: str | None = None


@dataclass(frozen=True)
class Moment:
    """What is to be done now: what the hands do, and what to ask of a service, once."""

    hands: Hands | ArmInput = field(default_factory=Hands)
    ask: Label | Arm | None = None
    is_done: bool = False


class ScriptPlayer:
    """Goes from step to step; durations are ROS time, patience is real time.

    A step that drives begins when teleoperation and the gate follow the press, so that the same script
    gives the same drive on a slow machine.  Raises ScriptError when the script can't go on.
    """

    def __init__(self, script: OperatorScript) -> None:
        self._steps = script.steps
        self._off = script.hands_off
        self._index = 0
        self._entered: Instant | None = None
        self._began: float | None = None  # ROS time at which a timed step began to count
        self._asked = False
        self._released_since: float | None = None  # monotonic
        self._pressed_since: float | None = None
        self._obstacle = ""

    def advance(self, now: Instant, seen: Surroundings) -> Moment:
        """Call it at a steady rate."""
        while True:
            if self._entered is None:
                self._entered = now
            if self._index == len(self._steps):
                hands = self._show_release(now)
                return Moment(hands, is_done=now.monotonic - self._entered.monotonic >= SHOWN)
            moment = self._play(self._steps[self._index], now, seen)
            if moment is not None:
                return moment
            self._index += 1
            self._entered = self._began = None
            self._asked = False

    def _play(self, step: Step, now: Instant, seen: Surroundings) -> Moment | None:
        """What to do now, or None when the step is done."""
        if isinstance(step, WaitFor):
            return self._wait(step, now, seen)
        if isinstance(step, (Label, Arm)):
            return self._ask(step, now, seen)
        if isinstance(step, Drive):
            return self._drive(step, now, seen)
        if self._is_over(step.duration, now):
            return None
        released = self._show_release(now)
        return Moment(
            replace(self._off, emergency_stop=True) if isinstance(step, PressEmergencyStop) else released
        )

    def _wait(self, step: WaitFor, now: Instant, seen: Surroundings) -> Moment | None:
        if step.who in seen.ready:
            return None
        if self._waited(now) > step.within:
            self._fail(f"waited {step.within:g} s in vain for {step.who}")
        return Moment(self._show_release(now))

    def _ask(self, step: Label | Arm, now: Instant, seen: Surroundings) -> Moment | None:
        what = f"episode: {step.action.word}" if isinstance(step, Label) else "arm"
        hands = replace(self._off, deadman=self._pressed_since is not None)
        if not self._asked:
            self._asked = True
            return Moment(hands, step)
        if seen.answer == "":
            return None
        if seen.answer is not None:
            self._fail(f"{what} was refused: {seen.answer}")
        if self._waited(now) > ANSWER_WITHIN:
            self._fail(f"{what}: no answer within {ANSWER_WITHIN:g} s")
        return Moment(hands)

    def _drive(self, step: Drive, now: Instant, seen: Surroundings) -> Moment | None:
        if self._began is None:
            if self._pressed_since is not None and seen.controls and seen.gate_follows:
                self._is_over(step.duration, now)
                return Moment(step.hands)
            if self._waited(now) > ANSWER_WITHIN:
                self._fail(self._obstacle or _unfollowed(seen))
            return Moment(self._press(now, seen))
        if not seen.controls:
            self._fail(f"control was lost: {_unfollowed(seen)}")
        return None if self._is_over(step.duration, now) else Moment(step.hands)

    def _press(self, now: Instant, seen: Surroundings) -> Hands | ArmInput:
        """Release, then press, again and again until teleoperation follows."""
        if self._pressed_since is not None and now.monotonic - self._pressed_since < _PRESS:
            self._obstacle = _unfollowed(seen)
            return replace(self._off, deadman=True)
        if self._released_since is None or self._pressed_since is not None:
            return self._show_release(now)
        if now.monotonic - self._released_since < SHOWN or "teleop" not in seen.ready:
            return self._off
        self._released_since, self._pressed_since = None, now.monotonic
        return replace(self._off, deadman=True)

    def _show_release(self, now: Instant) -> Hands | ArmInput:
        if self._released_since is None:
            self._released_since = now.monotonic
        self._pressed_since = None
        return self._off

    def _is_over(self, duration: float, now: Instant) -> bool:
        if self._began is None or now.ros < self._began:  # the simulation may have been reset
            self._began = now.ros
        return now.ros - self._began >= duration

    def _waited(self, now: Instant) -> float:
        assert self._entered is not None
        return now.monotonic - self._entered.monotonic

    def _fail(self, why: str) -> None:
        raise ScriptError(f"step {self._index + 1} of {len(self._steps)}: {why}")


def _unfollowed(seen: Surroundings) -> str:
    if seen.controls:
        return f"the gate doesn't follow teleoperation: {seen.gate_reason or 'another source drives'}"
    return f"teleoperation doesn't follow: {seen.teleop_reason or 'another controller drives'}"
