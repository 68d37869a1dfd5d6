from __future__ import annotations

import numpy as np
import pytest
from arm_scenes import EYE, pose, stations
from scipy.spatial.transform import Rotation

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.hand_eye.calibrate import calibrate_hand_eye
from cairn.calibration.hand_eye.closed_form import SOLVERS, motions
from cairn.calibration.hand_eye.limits import HandEyeLimits
from cairn.calibration.hand_eye.station import Station
from cairn.calibration.rigid import difference, inverse
from cairn.hardware.arm.kinematics import pose_error

# By OpenCV 4.14's calibrateHandEye from the poses of `_poses`: rotation vector, translation.
OPENCV = {
    "Tsai-Lenz": (0.09922435, -0.40238323, 1.20163112, 0.04992562, -0.01976018, 0.07961974),
    "Park-Martin": (0.09933169, -0.40218108, 1.20166048, 0.04992778, -0.01974713, 0.07961594),
    "Horaud-Dornaika": (0.09935316, -0.40220007, 1.20168022, 0.04992872, -0.01974738, 0.07961691),
    "Andreff": (0.09940643, -0.40213027, 1.20169350, 0.04990543, -0.01973386, 0.07957473),
    "Daniilidis": (0.09932629, -0.40226031, 1.20163018, 0.05012088, -0.01967495, 0.07966469),
}


def _poses():
    random = np.random.default_rng(0)
    board_at = pose([2.1, 0.3, 0.4], [0.4, 0.1, 0.02])
    arm, seen = [], []
    for _ in range(15):
        hand = pose(random.uniform(-0.6, 0.6, 3), np.array([0.3, 0, 0.2]) + random.uniform(-0.1, 0.1, 3))
        seen.append(inverse(hand @ EYE) @ board_at)
        arm.append(hand @ pose(random.normal(0, 0.002, 3), random.normal(0, 0.001, 3)))
    return arm, seen


@pytest.mark.parametrize("name", SOLVERS)
def test_the_five_solvers_give_what_opencv_gives(name: str) -> None:
    eye = SOLVERS[name](motions(*_poses()))
    found = [*Rotation.from_matrix(eye[:3, :3]).as_rotvec(), *eye[:3, 3]]
    # OpenCV's Tsai weighs the pairs by a hair differently.
    assert found == pytest.approx(OPENCV[name], abs=5e-5 if name == "Tsai-Lenz" else 2e-8)


@pytest.mark.parametrize("in_hand", [True, False], ids=["in hand", "to hand"])
def test_the_transform_is_found_and_its_error_told(in_hand: bool) -> None:
    result = calibrate_hand_eye(stations(in_hand=in_hand), in_hand)
    assert result.problems == ()
    assert result.outliers == ()
    off, turned = pose_error(result.eye, EYE)
    assert off < result.way < 0.003
    assert np.degrees(turned) < result.turn < 0.35
    # What the arm was given: .1° and .8 mm on each axis.
    assert 0.06 < result.arm_turn < 0.15
    assert 0.0005 < result.arm_way < 0.0012
    assert len(result.solvers) == 5
    assert all(one.way < 0.003 for one in result.solvers)


def test_intervals_are_as_wide_as_errors_are_large() -> None:
    errors, halves = [], []
    for seed in range(10):
        result = calibrate_hand_eye(stations(seed, count=16), True)
        errors.append(difference(result.eye, EYE))
        halves.append(result.half_widths)
    assert np.mean(np.abs(errors) <= halves) >= 0.88
    typical = np.sqrt(np.mean(np.square(errors), axis=0))
    # Twice a deviation, and no more than twice that.
    assert (np.mean(halves, axis=0) < 4 * typical).all()


def test_a_wrong_pose_is_left_out_and_named() -> None:
    result = calibrate_hand_eye(stations(wrong=7), True)
    assert [one.station.name for one in result.outliers] == ["p7"]
    assert "from where all other poses have it" in result.outliers[0].fault
    assert pose_error(result.eye, EYE)[0] < 0.003


def test_a_camera_that_was_moved_half_way_is_named() -> None:
    result = calibrate_hand_eye(stations(moves=(11, [0, 0, 0.02, 0.008, 0, 0])), True)
    assert any(
        problem.startswith("camera or board moved between p10 and p11, by ") for problem in result.problems
    )


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ({"count": 12}, "12 good poses, expected at least 15"),
        ({"turning": (0.6, 0.15, 0.15)}, "about its two main axes, expected at least 30° about both"),
        ({"seen": 8.0}, "held-out poses are off by .* mm, the limit is 5 mm"),
    ],
)
def test_too_little_is_refused_with_its_reason(kind, message: str) -> None:
    import re

    result = calibrate_hand_eye(stations(**kind), True)
    assert any(re.search(message, problem) for problem in result.problems)


def test_limits_are_the_users() -> None:
    assert calibrate_hand_eye(stations(count=12), True, HandEyeLimits(stations=10)).problems == ()


def test_what_can_not_be_solved_is_an_error() -> None:
    with pytest.raises(
        CalibrationError, match="expected at least 15 poses in which the board is seen, got 3"
    ):
        calibrate_hand_eye(stations(count=3), True)
    with pytest.raises(CalibrationError, match="turned about one axis only"):
        calibrate_hand_eye(stations(turning=(0.6, 0.01, 0.01)), True)
    broken = np.eye(4)
    broken[0, 3] = np.nan
    with pytest.raises(CalibrationError, match="must be finite"):
        Station("x", broken, stations(count=1)[0].board)
