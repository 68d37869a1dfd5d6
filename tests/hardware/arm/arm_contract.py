"""What every arm must do, real or simulated.

A new arm passes by one subclass in its test module::

    class TestMyArm(ArmContract):
        @pytest.fixture
        def rig(self) -> ArmRig:
            return ArmRig(MyArm())
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from cairn.hardware.arm.arm import Arm, ArmLost
from cairn.hardware.arm.arm_state import ArmState
from cairn.hardware.errors import CairnError

PATIENCE = 5.0
PERIOD = 0.02
STEP = 0.15
"""Of a joint in these tests [rad]."""


@dataclass
class ArmRig:
    """An arm and the hands that a test has on it.

    Attributes:
        arm: not started, standing at its neutral pose with nothing around it, the gripper half open.
        pass_time: lets so many seconds pass; a simulated arm's rig steps its world.
        tolerance: within which it must stand at a target at the end [rad].
        heard: every state seen by `watch`.
    """

    arm: Arm
    pass_time: Callable[[float], None] = time.sleep
    tolerance: float = 0.03
    heard: list[ArmState] = field(default_factory=list)

    def watch(self, seconds: float = PERIOD) -> ArmState:
        """Let time pass, looking at the state; returns the last."""
        for _ in range(max(1, round(seconds / PERIOD))):
            self.pass_time(PERIOD)
            self.heard.append(self.arm.state())
        return self.heard[-1]

    def watch_until(self, condition: Callable[[ArmState], bool]) -> ArmState:
        """Watch until the state fulfils a condition."""
        for _ in range(round(PATIENCE / PERIOD)):
            state = self.watch()
            if condition(state):
                return state
        raise AssertionError(f"never fulfilled, last {self.heard[-1]}")

    def is_at(self, positions: tuple[float, ...]) -> Callable[[ArmState], bool]:
        """The condition that every joint stands at a target."""
        return lambda state: all(
            abs(one - other) < self.tolerance for one, other in zip(state.positions, positions, strict=True)
        )


def is_at_rest(state: ArmState) -> bool:
    return all(abs(velocity) < 0.05 for velocity in state.velocities)


def moved(positions: tuple[float, ...], joint: int, by: float) -> tuple[float, ...]:
    return (*positions[:joint], positions[joint] + by, *positions[joint + 1 :])


class ArmContract:
    """The tests; a subclass supplies the fixture `rig`."""

    @pytest.fixture
    def started(self, rig: ArmRig) -> Iterator[ArmRig]:
        rig.arm.start()
        rig.watch_until(is_at_rest)
        yield rig
        rig.arm.stop()

    def test_it_says_what_it_is(self, rig: ArmRig) -> None:
        model = rig.arm.model
        assert len(model.joints) >= 6
        assert len(set(model.joint_names)) == len(model.joints)
        assert all(joint.upper - joint.lower > 1.0 for joint in model.joints)
        assert 0.02 < model.opened - model.closed < 0.2

    def test_starting_holds_it_where_it_stands(self, rig: ArmRig) -> None:
        rig.arm.start()
        begun = rig.watch()
        ended = rig.watch(0.5)
        assert rig.is_at(begun.positions)(ended)
        assert rig.is_at(rig.arm.model.neutral)(ended)
        assert ended.opening == pytest.approx(begun.opening, abs=0.05)
        assert (ended.has_torque, ended.faults) == (True, ())
        rig.arm.stop()

    def test_each_joint_goes_where_it_is_told_and_the_others_stay(self, started: ArmRig) -> None:
        for joint in range(len(started.arm.model.joints)):
            for sign in (1.0, -1.0):
                there = moved(started.arm.model.neutral, joint, sign * STEP)
                assert started.arm.command(there, 0.5).positions == pytest.approx(there)
                arrived = started.watch_until(started.is_at(there))
                assert arrived.stamp > started.heard[0].stamp
        started.arm.command(started.arm.model.neutral, 0.5)
        started.watch_until(started.is_at(started.arm.model.neutral))

    def test_the_gripper_opens_and_closes(self, started: ArmRig) -> None:
        for opening in (1.0, 0.0, 0.5):
            assert started.arm.command(started.arm.model.neutral, opening).opening == opening
            started.watch_until(lambda state, wanted=opening: abs(state.opening - wanted) < 0.1)

    def test_a_target_holds_until_the_next(self, started: ArmRig) -> None:
        there = moved(started.arm.model.neutral, 0, STEP)
        started.arm.command(there, 0.5)
        started.watch_until(started.is_at(there))
        assert started.is_at(there)(started.watch(1.0))

    def test_the_newest_target_counts_while_it_moves(self, started: ArmRig) -> None:
        there = moved(started.arm.model.neutral, 0, 6 * STEP)
        begun = started.heard[-1].positions[0]
        started.arm.command(there, 0.5)
        started.watch_until(lambda state: state.positions[0] - begun > 0.2 * STEP)
        started.arm.command(started.arm.model.neutral, 0.5)
        started.watch_until(started.is_at(started.arm.model.neutral))
        assert max(state.positions[0] for state in started.heard) < there[0] - STEP / 2

    def test_it_returns_what_it_sent(self, started: ArmRig) -> None:
        joint = started.arm.model.joints[0]
        far = moved(started.arm.model.neutral, 0, 100.0)
        sent = started.arm.command(far, 7.0)
        assert sent.positions[0] == pytest.approx(joint.upper)
        assert sent.opening == 1.0
        held = started.arm.hold()
        assert held.opening == 1.0

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    def test_what_is_not_finite_is_refused_and_not_sent(self, started: ArmRig, bad: float) -> None:
        neutral = started.arm.model.neutral
        for positions, opening in (((bad, *neutral[1:]), 0.5), (neutral, bad), (neutral[:-1], 0.5)):
            with pytest.raises(CairnError, match="finite"):
                started.arm.command(positions, opening)
        assert started.is_at(neutral)(started.watch(0.2))

    def test_hold_stops_it_in_place(self, started: ArmRig) -> None:
        there = moved(started.arm.model.neutral, 0, 6 * STEP)
        started.arm.command(there, 0.5)
        started.watch_until(lambda state: state.velocities[0] > 0.1)
        held = started.arm.hold()
        assert held.positions[0] < there[0]
        started.watch_until(is_at_rest)
        assert started.watch(0.3).positions[0] == pytest.approx(held.positions[0], abs=STEP)

    def test_torque_is_let_go_only_when_told(self, started: ArmRig) -> None:
        started.arm.set_torque(False)
        started.watch_until(lambda state: not state.has_torque)
        with pytest.raises(CairnError, match="torque"):
            started.arm.command(started.arm.model.neutral, 0.5)
        started.arm.set_torque(True)
        limp = started.watch_until(lambda state: state.has_torque)
        assert started.is_at(limp.positions)(started.watch_until(is_at_rest))

    def test_velocities_are_those_of_the_positions(self, started: ArmRig) -> None:
        started.arm.command(moved(started.arm.model.neutral, 0, 2 * STEP), 0.5)
        started.watch(1.0)
        pairs = [(a, b) for a, b in pairwise(started.heard) if b.stamp > a.stamp]
        travelled = sum(0.5 * (a.velocities[0] + b.velocities[0]) * (b.stamp - a.stamp) for a, b in pairs)
        assert travelled == pytest.approx(
            started.heard[-1].positions[0] - started.heard[0].positions[0], abs=0.1
        )

    def test_stamps_never_go_back(self, started: ArmRig) -> None:
        started.watch(0.5)
        assert all(b.stamp >= a.stamp for a, b in pairwise(started.heard))

    def test_before_start_there_is_neither_state_nor_command(self, rig: ArmRig) -> None:
        with pytest.raises(ArmLost):
            rig.arm.state()
        with pytest.raises(CairnError, match="start"):
            rig.arm.command(rig.arm.model.neutral, 0.5)

    def test_stop_may_be_called_before_start_and_twice_and_keeps_the_torque(self, rig: ArmRig) -> None:
        rig.arm.stop()
        rig.arm.start()
        rig.watch()
        rig.arm.stop()
        rig.arm.stop()
        with pytest.raises(CairnError, match="start"):
            rig.arm.command(rig.arm.model.neutral, 0.5)
        rig.pass_time(0.3)
        rig.arm.start()
        again = rig.watch()
        assert again.has_torque
        assert rig.is_at(rig.arm.model.neutral)(again)
        rig.arm.stop()
