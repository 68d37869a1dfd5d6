"""The arm's gate: what passes, what is cut, what stops the arm, and what frees it."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_kinematics import KINEMATICS

from cairn.hardware.arm.arm_state import ArmState
from cairn.hardware.arm.cartesian_servo import ServoPhase
from cairn.hardware.arm.gate.arm_gate import ArmGate
from cairn.hardware.arm.gate.settings import ArmGateSettings
from cairn.hardware.arm.gate.workspace import Workspace
from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.arm.widowx_250s import HULL
from cairn.hardware.errors import CairnError
from cairn.hardware.gate.fault import Cause
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.verdict import GateState
from cairn.hardware.setting import InvalidSetting
from cairn.hardware.sim.arm.arm_simulation import ArmSimulation

import mujoco  # isort: skip  # after the OpenGL backend was chosen

SETTINGS = ArmGateSettings()
BOX = Workspace(SETTINGS.workspace_lower, SETTINGS.workspace_upper, np.array(HULL))
START = (0.0, 0.1, -0.2, 0.0, 1.3, 0.0)
PERIOD = 0.02


class Scene:
    """Gate, simulated arm and their clocks at 50 Hz."""

    def __init__(self, options: ArmGateSettings = SETTINGS, box: Workspace = BOX) -> None:
        self.gate = ArmGate(KINEMATICS, box, options)
        self.simulation = ArmSimulation(mujoco.MjSpec())  # nothing that the hand could touch
        self.simulation.reset(START, opening=1.0)
        self.monotonic, self.ros = 100.0, 5000.0
        self.torque, self.faults, self.push = True, (), 0.0
        self.verdicts = []

    @property
    def now(self) -> Instant:
        return Instant(self.monotonic, self.ros)

    def seen(self) -> ArmState:
        state = self.simulation.joint_state(self.ros)
        efforts = (state.efforts[0] + self.push, *state.efforts[1:])
        return replace(state, efforts=efforts, has_torque=self.torque, faults=self.faults)

    def run(self, seconds, step=None, source="policy", every=10, joints=True):
        """Let time pass; a step is offered every so many ticks."""
        for tick in range(round(seconds / PERIOD)):
            self.monotonic += PERIOD
            self.ros += PERIOD
            if joints:
                self.gate.observe_state(self.seen(), self.now)
            if step is not None and tick % every == 0:
                self.gate.offer(source, step, self.ros, self.now)
            verdict = self.gate.tick(self.now)
            if verdict.command is not None:
                self.simulation.set_target(verdict.command.positions, verdict.command.opening)
            self.simulation.advance(PERIOD)
            self.verdicts.append(verdict)
        return self.verdicts[-1]


@pytest.fixture
def scene():
    made = Scene()
    assert made.run(0.3).state is GateState.DRIVING
    return made


def test_before_the_joints_were_seen_nothing_is_said():
    scene = Scene()
    verdict = scene.run(0.2, HandStep((0.05, 0.0, 0.0)), joints=False)
    assert (verdict.state, verdict.cause, verdict.command) == (GateState.STOPPED, Cause.JOINT_STATES, None)
    assert verdict.reason == "joint states not seen yet"


def test_the_first_that_it_says_is_to_stay(scene):
    first = next(verdict.command for verdict in scene.verdicts if verdict.command is not None)
    assert first.positions == pytest.approx(START, abs=0.02)
    assert first.opening == pytest.approx(1.0, abs=0.05)
    assert scene.simulation.joint_state(0.0).positions == pytest.approx(START, abs=0.03)


def test_steps_of_bridge_data_pass_whole_and_the_hand_follows(scene):
    before = scene.simulation.grasp_pose
    verdict = scene.run(1.0, HandStep((0.0, 0.04, -0.02), (0.0, 0.0, 0.1), 0.0))
    assert (verdict.source, verdict.is_limited) == ("policy", False)
    scene.run(0.6)
    after = scene.simulation.grasp_pose
    # Servos sag by a centimetre; what counts is how far the hand went.
    assert after[:3, 3] - before[:3, 3] == pytest.approx([0.0, 0.2, -0.1], abs=0.02)
    turned = np.arctan2(*(after[:3, :3] @ before[:3, :3].T)[1::-1, 0])
    assert turned == pytest.approx(0.5, abs=0.05)
    assert scene.simulation.joint_state(0.0).opening < 0.1


def test_longer_steps_are_cut_to_the_speed_whatever_their_rate(scene):
    for every in (10, 1):
        scene.run(1.0)
        before = scene.verdicts[-1].target[:3, 3].copy()
        verdict = scene.run(0.4, HandStep((0.0, 0.3, 0.0), (2.0, 0.0, 0.0)), every=every)
        assert verdict.is_limited
        went = np.linalg.norm(verdict.target[:3, 3] - before)
        assert went <= SETTINGS.linear_speed * 0.8 + 1e-6
        assert went > 0.05
        scene.run(1.0, HandStep((0.0, -0.02, 0.0), (-0.1, 0.0, 0.0)), every=10)


def test_the_whole_hand_stays_in_its_workspace(scene):
    verdict = scene.run(4.0, HandStep((0.02, 0.0, -0.05)))
    assert verdict.is_limited
    for said in scene.verdicts:
        if said.command is not None:
            assert BOX.holds(KINEMATICS.pose(said.command.positions), margin=0.005)
    tip = verdict.target @ [0.025, 0.0, 0.0, 1.0]
    assert tip[2] > SETTINGS.workspace_lower[2] - 1e-6
    assert verdict.target[2, 3] > tip[2], "the origin alone would have gone lower"


def test_where_the_hand_cant_go_on_its_target_waits_for_it(scene):
    wide = Workspace((-2.0, -2.0, -2.0), (2.0, 2.0, 2.0), np.array(HULL))
    scene = Scene(box=wide)
    scene.run(0.3)
    stuck = scene.run(6.0, HandStep((0.05, 0.0, 0.0)))
    assert stuck.phase is ServoPhase.HOLDING
    assert stuck.reason
    hand = KINEMATICS.pose(stuck.command.positions)
    assert np.linalg.norm(stuck.target[:3, 3] - hand[:3, 3]) < 0.06, "one step ahead and no more"
    back = scene.run(2.0, HandStep((-0.05, 0.0, 0.0)))
    assert KINEMATICS.pose(back.command.positions)[0, 3] < hand[0, 3] - 0.2


def test_stale_joint_states_hold_the_arm_and_refuse_steps(scene):
    scene.run(0.3, HandStep((0.0, 0.05, 0.0)))
    scene.run(0.08, joints=False)
    assert scene.verdicts[-1].state is GateState.DRIVING
    verdict = scene.run(0.06, joints=False)
    assert (verdict.state, verdict.cause) == (GateState.STOPPED, Cause.JOINT_STATES)
    assert verdict.command is not None, "hold is said"
    assert scene.gate.offer("policy", HandStep((0.05, 0.0, 0.0)), scene.ros, scene.now) is Rejection.STOPPED
    assert scene.run(0.5, joints=False).command is None, "once is enough: the arm holds by itself"
    scene.run(0.06)
    assert scene.verdicts[-1].state is GateState.STOPPED, "a few good ones are needed"
    assert scene.verdicts[-1].command is None, "it may have been moved meanwhile"
    assert scene.run(0.1).state is GateState.DRIVING


def test_silence_of_commands_holds_the_arm(scene):
    scene.run(0.4, HandStep((0.0, 0.05, 0.0)))
    scene.run(1.0)
    rest = scene.verdicts[-1].command
    assert scene.run(2.0).command.positions == pytest.approx(rest.positions, abs=1e-3)
    assert scene.verdicts[-1].phase is ServoPhase.ARRIVED


def test_too_much_effort_stops_in_place_keeps_the_grip_and_waits_for_a_person(scene):
    scene.run(0.6, HandStep((0.0, 0.05, 0.0), opening=0.2))
    scene.push = 6.0
    verdict = scene.run(0.2, HandStep((0.0, 0.05, 0.0), opening=0.2))
    assert (verdict.state, verdict.cause) == (GateState.LATCHED, Cause.EFFORT)
    assert verdict.reason.startswith("waist pushes with")
    stopped = [said for said in scene.verdicts if said.cause is Cause.EFFORT]
    assert len({said.command for said in stopped if said.command is not None}) == 1
    assert stopped[0].command.opening == pytest.approx(0.2)
    scene.push = 0.0
    after = scene.run(1.0, HandStep((0.0, 0.05, 0.0), opening=1.0))
    assert (after.state, after.command) == (GateState.LATCHED, None)
    assert scene.simulation.target.opening == pytest.approx(0.2), "what is held is not dropped"
    assert scene.gate.arm() is None
    assert scene.run(0.1).state is GateState.DRIVING


def test_a_short_push_is_no_reason_to_stop(scene):
    scene.push = 6.0
    scene.run(0.08)
    scene.push = 0.0
    assert scene.run(0.3).state is GateState.DRIVING


def test_the_emergency_stop_latches_until_armed(scene):
    scene.run(0.3, HandStep((0.0, 0.05, 0.0)))
    scene.gate.observe_emergency_stop(True, scene.now)
    verdict = scene.run(PERIOD)
    assert (verdict.state, verdict.cause) == (GateState.LATCHED, Cause.EMERGENCY_STOP)
    assert scene.gate.arm() == "the emergency stop is still pressed"
    scene.gate.observe_emergency_stop(False, scene.now)
    assert scene.run(0.2).state is GateState.LATCHED
    assert scene.gate.arm() is None
    assert scene.run(0.1).state is GateState.DRIVING


def test_a_motor_that_complains_latches_and_one_without_torque_stops(scene):
    scene.faults = ("elbow: overload",)
    assert scene.run(0.1).reason == "elbow: overload: arm the gate"
    assert scene.gate.arm() == "the motors complain: elbow: overload"
    scene.faults = ()
    scene.run(0.1)
    assert scene.gate.arm() is None
    scene.torque = False
    verdict = scene.run(0.1)
    assert (verdict.state, verdict.reason) == (GateState.STOPPED, "the motors have no torque")


def test_an_arm_moved_by_hand_meanwhile_is_not_pulled_back(scene):
    scene.torque = False
    scene.run(0.1)
    moved = (0.8, 0.3, -0.5, 0.0, 1.0, 0.3)
    scene.simulation.reset(moved)
    scene.torque = True
    verdict = scene.run(0.3)
    assert verdict.state is GateState.DRIVING
    assert verdict.command.positions == pytest.approx(moved, abs=0.05)


@pytest.mark.parametrize("bad", [nan, inf])
def test_madness_is_dropped_at_once_and_latches_after_three(scene, bad):
    target = scene.verdicts[-1].target.copy()
    for _ in range(2):
        mad = HandStep((bad, 0.0, 0.0))
        assert scene.gate.offer("policy", mad, scene.ros, scene.now) is Rejection.NON_FINITE
        assert scene.run(PERIOD).state is GateState.DRIVING
    assert scene.verdicts[-1].target == pytest.approx(target)
    scene.gate.offer("policy", HandStep(opening=bad), scene.ros, scene.now)
    verdict = scene.run(PERIOD)
    assert (verdict.state, verdict.cause) == (GateState.LATCHED, Cause.NON_FINITE)


def test_the_hand_goes_no_farther_for_whoever_went_mad(scene):
    scene.run(PERIOD, HandStep((0.0, 0.05, 0.0)))
    wanted = scene.verdicts[-1].target[1, 3]
    scene.gate.offer("teleop", HandStep((nan, 0.0, 0.0)), scene.ros, scene.now)
    assert scene.run(PERIOD).target[1, 3] == wanted, "another's madness is not the driver's"
    led = KINEMATICS.pose(scene.verdicts[-1].command.positions)[1, 3]
    scene.gate.offer("policy", HandStep((nan, 0.0, 0.0)), scene.ros, scene.now)
    verdict = scene.run(0.5)
    assert verdict.state is GateState.DRIVING
    assert verdict.target[1, 3] == pytest.approx(led, abs=1e-4)
    assert led < wanted - 0.02


def test_mad_joint_states_count_as_none(scene):
    for _ in range(20):
        scene.monotonic += PERIOD
        scene.ros += PERIOD
        state = replace(scene.seen(), positions=(nan,) * 6)
        assert scene.gate.observe_state(state, scene.now) is Rejection.NON_FINITE
    assert scene.gate.tick(scene.now).cause is Cause.JOINT_STATES


@pytest.mark.parametrize(
    ("age", "rejection"), [(0.6, Rejection.STALE), (-0.2, Rejection.FUTURE)], ids=["old", "ahead"]
)
def test_stamps_are_checked(scene, age, rejection):
    step = HandStep((0.05, 0.0, 0.0))
    assert scene.gate.offer("policy", step, scene.ros - age, scene.now) is rejection
    assert scene.gate.offer("policy", step, scene.ros, scene.now) is None
    assert scene.gate.offer("policy", step, scene.ros - 0.1, scene.now) is Rejection.BACKWARD
    assert scene.gate.rejections[("policy", rejection)] == 1


def test_a_person_outranks_the_policy(scene):
    scene.run(0.2, HandStep((0.0, 0.02, 0.0)), source="teleop")
    step = HandStep((0.05, 0.0, 0.0))
    assert scene.gate.offer("policy", step, scene.ros, scene.now) is Rejection.OUTRANKED
    scene.run(0.6)
    assert scene.gate.offer("policy", step, scene.ros, scene.now) is None


def test_time_that_goes_back_is_no_reason_to_stop(scene):
    scene.ros = 10.0
    assert scene.run(0.3, HandStep((0.0, 0.02, 0.0))).state is GateState.DRIVING
    assert scene.verdicts[-1].source == "policy"


def test_shutting_holds(scene):
    verdict = scene.gate.shut(scene.now)
    assert (verdict.state, verdict.cause) == (GateState.STOPPED, Cause.SHUTDOWN)
    assert verdict.command.positions == pytest.approx(scene.seen().positions, abs=0.02)


def test_an_unknown_source_is_a_mistake(scene):
    with pytest.raises(CairnError, match="unknown source 'joystick'; valid are teleop, policy"):
        scene.gate.offer("joystick", HandStep(), scene.ros, scene.now)


NUMBER = st.sampled_from([0.0, 0.01, -0.05, 0.3, -2.0, nan, inf])
STEP = st.builds(
    HandStep,
    st.tuples(NUMBER, NUMBER, NUMBER),
    st.tuples(NUMBER, NUMBER, NUMBER),
    st.sampled_from([0.0, 1.0, nan, 9.0]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(STEP, st.sampled_from(["policy", "teleop"]), st.integers(1, 12)), max_size=15))
def test_whatever_comes_the_arm_is_told_nothing_wild(history):
    scene = Scene()
    scene.run(0.3)
    for step, source, ticks in history:
        scene.gate.offer(source, step, scene.ros, scene.now)
        scene.run(ticks * PERIOD)
    said = [verdict.command for verdict in scene.verdicts if verdict.command is not None]
    told = np.array([command.positions for command in said])
    fastest = np.array([joint.velocity for joint in KINEMATICS.arm.joints]) * SETTINGS.speed * PERIOD
    assert np.isfinite(told).all()
    assert (np.abs(np.diff(told, axis=0)) <= np.maximum(fastest + 1e-6, 0.1)).all()
    assert all(0.0 <= command.opening <= 1.0 for command in said)
    assert all(BOX.holds(KINEMATICS.pose(positions), margin=0.03) for positions in told)


def test_a_box_that_is_none_is_refused():
    with pytest.raises(CairnError, match="lower < upper on each axis"):
        Workspace((0.0, 0.0, 0.0), (1.0, -1.0, 1.0), np.array(HULL))
    with pytest.raises(InvalidSetting):
        ArmGateSettings(linear_speed=0.0)


def test_a_hand_too_wide_for_its_box_is_put_in_the_middle():
    narrow = Workspace((0.0, -0.02, 0.0), (1.0, 0.04, 1.0), np.array(HULL))
    pose = np.eye(4)
    pose[:3, 3] = 0.5, 0.3, 0.5
    assert narrow.nearest(pose)[1, 3] == pytest.approx(0.01)
