"""What stood around a moment ago: signs, replacement, forgetting."""

from math import pi, radians

import numpy as np
import pytest

from cairn.navigation.local_map import RELIABLE_RANGE, LocalMap
from cairn.navigation.pose import Pose

FAR = np.full(24, 20.0, np.float32)


def ranges(**at) -> np.ndarray:
    """All free but for sectors given as s5=2.0."""
    result = FAR.copy()
    for name, value in at.items():
        result[int(name[1:])] = value
    return result


@pytest.fixture
def local():
    return LocalMap(120.0)


def test_the_first_sector_is_on_the_left(local):
    local.update(Pose(1, 1, pi / 2), ranges(s0=2.0), 0.0)
    ((x, y),) = local.points
    angle = pi / 2 + radians(60) * (1 - 1 / 24)
    assert (x, y) == pytest.approx((1 + 2 * np.cos(angle), 1 + 2 * np.sin(angle)))
    assert x < 1  # left of a robot that looks north is west


def test_what_is_far_is_not_an_obstacle_yet(local):
    local.update(Pose(), ranges(s3=RELIABLE_RANGE + 0.1, s7=RELIABLE_RANGE - 0.1), 0.0)
    assert len(local.points) == 1


def test_a_corner_that_left_the_picture_lives_on(local):
    local.update(Pose(), ranges(s0=1.5), 0.0)
    local.update(Pose(0.5, 0, -1.0), FAR, 1.0)
    assert len(local.points) == 1


def test_the_newest_view_of_a_direction_replaces_what_was_remembered(local):
    local.update(Pose(), ranges(s12=3.0), 0.0)
    local.update(Pose(), FAR, 0.25)
    assert len(local.points) == 0
    local.update(Pose(), ranges(s12=3.0), 0.5)
    local.update(Pose(), ranges(s12=3.2), 0.75)
    assert np.hypot(*local.points.T) == pytest.approx([3.2])


def test_views_on_both_sides_of_pi_are_one_direction(local):
    local.update(Pose(0, 0, pi - 0.01), ranges(s12=3.0), 0.0)
    local.update(Pose(0, 0, -pi + 0.01), FAR, 0.25)
    assert len(local.points) == 0


def test_old_and_far_points_are_forgotten(local):
    local.update(Pose(), ranges(s0=1.5), 0.0)
    local.update(Pose(0, 0, pi), FAR, 5.0)
    assert len(local.points) == 1
    local.update(Pose(0, 0, pi), FAR, 500.0)
    assert len(local.points) == 0
    local.update(Pose(), ranges(s0=1.5), 501.0)
    local.update(Pose(40, 0, 0), FAR, 502.0)
    assert len(local.points) == 0


def test_what_was_felt_is_before_or_behind_the_hull_and_outlives_views(local):
    local.bumped(Pose(2, 0, pi / 2), True, 0.0)
    assert (local.points[:, 1] > 0.3).all()
    assert np.abs(local.points[:, 0] - 2).max() < 0.3
    local.update(Pose(2, -1, pi / 2), FAR, 0.25)
    assert len(local.points) == 5
    local.clear()
    local.bumped(Pose(2, 0, pi / 2), False, 0.0)
    assert (local.points[:, 1] < -0.3).all()
    local.update(Pose(2, -1, pi / 2), FAR, 1000.0)
    assert len(local.points) == 0
