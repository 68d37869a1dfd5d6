"""The simulated arm follows its gate across processes, and holds when anything is in doubt."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from arm_rig import ArmRig
from cairn_interfaces.msg import ArmGateStatus, HandStep
from geometry_msgs.msg import Vector3
from std_msgs.msg import Bool
from test_kinematics import KINEMATICS

HELD = 0.02
"""What a servo may still move while it holds [rad]."""


@pytest.fixture
def rig():
    made = ArmRig()
    yield made
    made.close()


def step(x=0.0, y=0.0, z=0.0, opening=0.5):
    return HandStep(translation=Vector3(x=x, y=y, z=z), opening=opening)


def hand(rig):
    return KINEMATICS.pose(rig.state.positions)[:3, 3]


def is_held(rig, seconds=0.5):
    """Whether the joints stay where they are."""
    before = np.array(rig.state.positions)
    end = time.monotonic() + seconds
    rig.wait_for(lambda: rig.states[-1][0] > end)
    return np.abs(np.array(rig.state.positions) - before).max() < HELD


def test_steps_move_the_hand_and_silence_holds_it(rig, record_property):
    rig.start_both()
    begun = hand(rig)
    rig.step = step(y=0.03, opening=0.0)
    rig.wait_for(lambda: hand(rig)[1] - begun[1] > 0.1, "for the hand")
    assert rig.status.source == "policy"
    rig.wait_for(lambda: rig.state.opening < 0.1, "for the gripper")
    rig.step = None  # the policy stalls
    stalled = time.monotonic()
    rig.wait_for(lambda: rig.states[-1][0] > stalled + 1.0 and rig.status.phase == "arrived")
    assert is_held(rig, 1.0)
    assert rig.status.state == ArmGateStatus.DRIVING
    periods = np.diff([at for at, _ in rig.commands[-100:]])
    record_property("gate's command period, median [s]", round(float(np.median(periods)), 4))
    assert np.median(periods) == pytest.approx(0.02, abs=0.005)


def test_joint_states_that_cease_hold_the_arm(rig, record_property):
    rig.start_both()
    rig.step = step(y=0.03)
    rig.wait_for(lambda: rig.status.phase == "moving")
    rig.processes["sim_arm"].kill()
    rig.processes["sim_arm"].wait(20)
    stopped = time.monotonic()
    took = rig.since(stopped, lambda status: status.state == ArmGateStatus.STOPPED)
    record_property("stale joint states to holding [s]", round(took, 3))
    assert took < 0.3
    assert "joint states silent" in rig.status.reason
    rig.step = None
    rig.start("sim_arm", discovery_time=0.0)
    rig.wait_for(lambda: rig.status.state == ArmGateStatus.DRIVING, "for the arm to be trusted again")


def test_madness_latches_until_a_person_arms(rig):
    rig.start_both()
    rig.step = step(x=float("nan"))
    rig.wait_for(lambda: rig.status.state == ArmGateStatus.LATCHED)
    assert rig.status.reason == "policy gave 3 non-finite steps: arm the gate"
    rig.step = step(y=0.03)
    assert is_held(rig)
    rig.step = None
    assert rig.call_arm() == "armed"
    rig.wait_for(lambda: rig.status.state == ArmGateStatus.DRIVING)


def test_the_emergency_stop_holds_the_arm_at_once(rig, record_property):
    rig.start_both()
    rig.step = step(y=0.03)
    rig.wait_for(lambda: rig.status.phase == "moving")
    pressed = time.monotonic()
    rig.emergency_stop.publish(Bool(data=True))
    took = rig.since(pressed, lambda status: status.state == ArmGateStatus.LATCHED)
    record_property("emergency stop to holding [s]", round(took, 3))
    assert took < 0.1
    rig.wait_for(lambda: is_held(rig, 0.2))
    assert rig.call_arm() == "refused: the emergency stop is still pressed"


def test_torque_that_is_let_go_stops_the_gate_and_the_arm_is_not_pulled_back(rig):
    rig.start_both()
    stood = np.array(rig.state.positions)
    assert rig.set_torque(False)
    rig.wait_for(lambda: rig.status.reason == "the motors have no torque")
    rig.wait_for(lambda: np.abs(np.array(rig.state.positions) - stood).max() > 0.3, "for the arm to fall")
    assert rig.set_torque(True)
    rig.wait_for(lambda: rig.status.state == ArmGateStatus.DRIVING)
    rig.wait_for(lambda: is_held(rig, 0.3))
    assert np.abs(np.array(rig.state.positions) - stood).max() > 0.2


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_without_its_gate_the_arm_holds(rig, ending):
    rig.start_both()
    rig.step = step(y=0.03)
    rig.wait_for(lambda: rig.status.phase == "moving")
    rig.processes["arm_gate"].send_signal(ending)
    rig.processes["arm_gate"].wait(20)
    ended = time.monotonic()
    rig.wait_for(lambda: rig.states[-1][0] > ended + 0.3)
    assert is_held(rig)
    if ending == signal.SIGTERM:
        assert rig.processes["arm_gate"].returncode == 0


def test_a_corner_that_is_none_is_refused_with_status_2():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cairn.nodes.arm_gate_node",
            "--ros-args",
            "-p",
            "workspace_lower:=[0.0, 1.0]",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "a corner of the workspace is x, y, z" in done.stderr
