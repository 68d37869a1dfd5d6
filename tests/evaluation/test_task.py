"""Tasks drawn in the real simulator."""

import numpy as np
import pytest

from cairn.evaluation.task import FARTHEST_GOAL, NEAREST_GOAL, draw_task
from cairn.evaluation.taut_path import path_length, taut
from cairn.hardware.errors import CairnError
from cairn.navigation.pose import Pose

pytestmark = pytest.mark.timeout(600)


def test_a_task_is_far_enough_out_of_sight_and_the_same_for_the_same_seed(yard):
    task, again = draw_task(yard, 3), draw_task(yard, 3)
    assert NEAREST_GOAL <= task.shortest_length <= FARTHEST_GOAL
    assert not yard.truth.line_of_sight(task.start[:2], task.goal[:2])
    assert (task.start, task.goal) == (again.start, again.goal)
    np.testing.assert_array_equal(task.goal_image, again.goal_image)
    assert draw_task(yard, 4).goal != task.goal


def test_the_goal_photo_does_not_face_a_near_wall(yard):
    for seed in range(4):
        goal = draw_task(yard, seed).goal
        ahead = (goal.x + 2 * np.cos(goal.yaw), goal.y + 2 * np.sin(goal.yaw))
        assert yard.truth.line_of_sight(goal[:2], ahead)


def test_given_poses_are_taken_as_they_are(yard):
    start, goal = Pose(3, 3, 0), Pose(6, 3, 1.0)
    task = draw_task(yard, 0, start, goal)
    assert (task.start, task.goal) == (start, goal)
    assert task.shortest_length == pytest.approx(3.0, abs=0.4)


def test_success_needs_nearness_and_sight(yard):
    task = draw_task(yard, 0, Pose(3, 3, 0), Pose(13.5, 5, 0))
    assert task.is_reached_from(Pose(12, 5, 2), yard.truth)
    assert not task.is_reached_from(Pose(10, 5, 2), yard.truth)  # 3.5 m away
    assert not task.is_reached_from(Pose(16, 5, 2), yard.truth)  # 2.5 m away, behind the dividing wall


def test_a_taut_path_is_as_short_as_geometry_allows(yard):
    # Round the wall's north end (15 +- .3, 16); the search prefers to keep a metre or more off.
    path = yard.truth.shortest_path((12, 6), (18, 6))
    length = path_length(taut(path, yard.truth))
    assert 2 * np.hypot(3 - 0.3, 10) - 0.5 < length < 2 * np.hypot(3, 11.4) + 1.0
    assert length < path_length(path)


def test_an_unreachable_goal_is_refused(yard):
    with pytest.raises(CairnError, match="no path leads"):
        draw_task(yard, 0, Pose(3, 3, 0), Pose(100, 100, 0))
