"""The hand's pose from the joints, and the joints from the hand's pose."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.hardware.arm.arm_model import ArmJoint, ArmModel
from cairn.hardware.arm.kinematics import ArmKinematics, pose_error
from cairn.hardware.arm.widowx_250s import HAND, urdf, widowx_250s
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.arm.arm_simulation import ArmSimulation

KINEMATICS = ArmKinematics(widowx_250s(), urdf(), HAND)
NEUTRAL = widowx_250s().neutral
AT_WORK = st.tuples(
    st.floats(-1.2, 1.2),
    st.floats(-0.9, 0.7),
    st.floats(-0.8, 0.8),
    st.floats(-0.6, 0.6),
    st.floats(0.4, 1.8),
    st.floats(-1.5, 1.5),
)


def test_it_agrees_with_the_simulated_arm():
    simulation = ArmSimulation()
    for positions in (NEUTRAL, (0.7, 0.3, -0.4, 0.5, 0.9, -1.1)):
        simulation.reset(positions)
        assert KINEMATICS.pose(positions) == pytest.approx(simulation.grasp_pose, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(AT_WORK)
def test_a_pose_of_the_hand_leads_back_to_joints_with_that_pose(positions):
    wanted = KINEMATICS.pose(positions)
    reach = KINEMATICS.reach(wanted, NEUTRAL)
    assert (reach.off, reach.turned) == pytest.approx((0.0, 0.0), abs=1e-3)
    assert pose_error(KINEMATICS.pose(reach.positions), wanted) == pytest.approx((0.0, 0.0), abs=1e-3)
    widowx_250s().check(reach.positions)


@settings(max_examples=60, deadline=None)
@given(AT_WORK, st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.floats(-0.2, 1.5), st.floats(0.05, 1.0))
def test_no_step_leaves_the_limits_whatever_is_wanted(positions, x, y, z, speed):
    wanted = KINEMATICS.pose(NEUTRAL)
    wanted[:3, 3] = x, y, z
    ahead = KINEMATICS.step(positions, wanted, 0.02, speed)
    widowx_250s().check(ahead)
    for joint, before, after in zip(widowx_250s().joints, positions, ahead, strict=True):
        assert abs(after - before) <= 0.02 * speed * joint.velocity + 1e-6


def test_out_of_reach_it_comes_as_near_as_may_be_and_says_how_near():
    wanted = KINEMATICS.pose(NEUTRAL)
    wanted[0, 3] += 1.0
    reach = KINEMATICS.reach(wanted, NEUTRAL)
    assert reach.off > 0.3
    assert (reach.off, reach.turned) == pytest.approx(pose_error(KINEMATICS.pose(reach.positions), wanted))


def test_a_stretched_arm_is_singular():
    assert KINEMATICS.condition(NEUTRAL) < 15
    assert KINEMATICS.condition((0.0, 0.0, -1.375, 0.0, 0.0, 0.0)) > 30


def test_joints_that_the_description_lacks_are_refused():
    other = ArmModel("other", (ArmJoint("hip", -1.0, 1.0, 1.0, 1.0),), 0.0, 0.1, (0.0,))
    with pytest.raises(CairnError, match="the description of other has the joints"):
        ArmKinematics(other, urdf(), HAND)


def test_a_position_that_is_none_is_refused():
    with pytest.raises(CairnError, match="finite position"):
        KINEMATICS.pose([np.nan] * 6)


def test_who_draws_later_in_the_process_can():
    code = (
        "import cairn.hardware.arm.kinematics, mujoco;"
        "spec = mujoco.MjSpec(); spec.worldbody.add_light(); model = spec.compile();"
        "mujoco.Renderer(model, 8, 8).close()"
    )
    environment = {name: value for name, value in os.environ.items() if name != "MUJOCO_GL"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
