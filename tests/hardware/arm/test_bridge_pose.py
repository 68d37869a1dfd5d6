"""Poses of the hand in the words of Bridge Data."""

import numpy as np
import pytest

from cairn.hardware.arm.bridge_pose import DEFAULT_ROTATION, bridge_state, pose_of_state
from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.arm.kinematics import ArmKinematics
from cairn.hardware.arm.widowx_250s import HAND, urdf, widowx_250s
from cairn.hardware.errors import CairnError


def test_a_hand_that_points_down_has_no_angles():
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = DEFAULT_ROTATION, (0.3, 0.0, 0.15)
    assert bridge_state(pose, 1.0) == pytest.approx([0.3, 0.0, 0.15, 0.0, 0.0, 0.0, 1.0])


def test_the_neutral_pose_of_the_arm_points_down_but_for_a_little_pitch():
    kinematics = ArmKinematics(widowx_250s(), urdf(), HAND)
    state = bridge_state(kinematics.pose(widowx_250s().neutral), 0.5)
    assert state[[1, 3, 5]] == pytest.approx([0.0, 0.0, 0.0], abs=1e-3)
    assert state[4] == pytest.approx(-0.147, abs=2e-3)


def test_there_and_back():
    for state in ([0.2, -0.1, 0.05, 0.3, -0.2, 1.9, 0.4], [0.3, 0.0, 0.15, -2.8, 1.2, -3.0, 0.0]):
        assert bridge_state(*pose_of_state(state)) == pytest.approx(state)


def test_angles_are_about_the_axes_of_the_base_as_those_of_a_step():
    pose, opening = pose_of_state([0.3, 0.0, 0.15, 0.0, 0.0, 0.0, 1.0])
    for axis in range(3):
        turn = [0.0, 0.0, 0.0]
        turn[axis] = 0.25
        there = HandStep((0.0, 0.0, 0.0), tuple(turn), 1.0).from_pose(pose)
        assert bridge_state(there, opening)[3:6] == pytest.approx(turn)
    # A roll about the base's x axis swings a hand that points down to the side: its fingers go towards +y.
    rolled, _ = pose_of_state([0.3, 0.0, 0.15, 0.25, 0.0, 0.0, 1.0])
    assert rolled[:3, 0] == pytest.approx([0.0, np.sin(0.25), -np.cos(0.25)])


@pytest.mark.parametrize(
    ("pose", "opening"), [(np.eye(3), 0.5), (np.full((4, 4), np.nan), 0.5), (np.eye(4), np.nan)]
)
def test_what_is_no_pose_is_refused(pose, opening):
    with pytest.raises(CairnError, match=r"expected a finite pose \(4, 4\)"):
        bridge_state(pose, opening)
    with pytest.raises(CairnError, match="expected 7 finite numbers"):
        pose_of_state(np.ravel(pose))
