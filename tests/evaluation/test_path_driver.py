"""The demonstrator on a unicycle that does exactly as told."""

from math import cos, hypot, pi, sin

import numpy as np
import pytest

from cairn.evaluation.path_driver import CRUISE_SPEED, TURN_RATE, PathDriver
from cairn.hardware.errors import CairnError
from cairn.navigation.pose import Pose, wrap_angle


def drive(driver: PathDriver, pose: Pose, period: float = 0.25, steps: int = 600) -> list[Pose]:
    track = [pose]
    for _ in range(steps):
        twist = driver.twist(track[-1])
        if twist is None:
            return track
        x, y, yaw = track[-1]
        heading = yaw + twist.angular * period / 2
        moved = twist.linear * period
        yaw = wrap_angle(yaw + twist.angular * period)
        track.append(Pose(x + moved * cos(heading), y + moved * sin(heading), yaw))
    pytest.fail(f"the end was not reached: {track[-1]}")


def test_a_corner_is_followed_closely_and_the_end_is_faced():
    path = np.array([[0, 0], [10, 0], [10, 8]])
    track = drive(PathDriver(path, final_yaw=pi), Pose(0, 0, pi / 2))
    end = track[-1]
    assert hypot(end.x - 10, end.y - 8) < 0.3
    assert abs(wrap_angle(end.yaw - pi)) < 0.1
    beside = [min(abs(pose.y) + max(0, pose.x - 10), abs(pose.x - 10) + max(0, -pose.y)) for pose in track]
    assert max(beside) < 0.4


def test_a_path_that_comes_back_past_itself_is_driven_in_full():
    path = np.array([[0, 0], [6, 0], [6, 0.6], [0, 0.6]])
    track = drive(PathDriver(path), Pose(0, 0, 0))
    assert max(pose.x for pose in track) > 5.5
    assert track[-1].x < 0.3


def test_limits_and_speed():
    driver = PathDriver(np.array([[0, 0], [20, 0]]))
    twist = driver.twist(Pose(2, 0, 0))
    assert twist is not None
    assert twist.linear == pytest.approx(CRUISE_SPEED)
    turned = driver.twist(Pose(2, 0, pi))
    assert turned is not None
    assert (turned.linear, abs(turned.angular)) == (0.0, TURN_RATE)


@pytest.mark.parametrize("path", [np.zeros((0, 2)), np.zeros((3, 3)), np.array([[0.0, np.nan]])])
def test_bad_paths_are_refused(path):
    with pytest.raises(CairnError, match="a path must be finite"):
        PathDriver(path)
