"""Routes are followed in order, round corners, in the odometry frame."""

from math import hypot, pi

import numpy as np
import pytest

from cairn.navigation.local_path import LocalPath
from cairn.navigation.local_planner import LocalPlanner
from cairn.navigation.pose import Pose
from cairn.navigation.route_follower import RouteFollower

NOTHING = np.zeros((0, 2))


def wall(x0, y0, x1, y1) -> np.ndarray:
    count = int(hypot(x1 - x0, y1 - y0) / 0.15) + 1
    return np.stack([np.linspace(x0, x1, count), np.linspace(y0, y1, count)], -1)


def follow(route, obstacles, pose=None, steps=160):
    follower, pose = RouteFollower(LocalPlanner()), pose or Pose()
    track = [pose]
    for _ in range(steps):
        twist = follower.step(pose, route, obstacles).twist
        for _ in range(5):
            pose = pose @ Pose(twist.linear * 0.05, 0, twist.angular * 0.05)
            track.append(pose)
        if hypot(route[-1][0] - pose.x, route[-1][1] - pose.y) < 0.5:
            break
    return track


@pytest.mark.parametrize("heading", [0.0, pi / 2, pi])
def test_it_arrives_at_the_end_of_a_route(heading):
    track = follow([(3, 0), (3, 4), (7, 4)], NOTHING, Pose(0, 0, heading))
    assert hypot(track[-1].x - 7, track[-1].y - 4) < 0.5


def test_it_gets_out_of_a_dead_end_that_steering_alone_does_not():
    cup = np.concatenate([wall(2, -1.5, 2, 1.5), wall(0, 1.5, 2, 1.5), wall(0, -1.5, 2, -1.5)])
    track = follow([(4, 0)], cup)
    assert hypot(track[-1].x - 4, track[-1].y) < 0.5
    assert min(np.hypot(*(cup - (p.x, p.y)).T).min() for p in track) > 0.25


def test_a_far_route_is_entered_where_the_robot_is():
    far = [(float(x), 0.0) for x in range(3, 60, 3)]
    steering = RouteFollower(LocalPlanner()).step(Pose(), far, NOTHING)
    assert steering.twist.linear > 0.5
    assert abs(steering.twist.angular) < 0.2
    turned = RouteFollower(LocalPlanner()).step(Pose(0, 0, pi), far, NOTHING)
    assert turned.twist.linear == 0


def test_it_drives_at_full_speed_where_the_way_is_straight_and_slower_past_corners():
    follower = RouteFollower(LocalPlanner(speed=1.0))
    assert follower.step(Pose(), [(10, 0)], NOTHING).twist.linear == 1.0
    corner = wall(1.3, -0.3, 1.3, 3.0)
    assert follower.step(Pose(), [(3, 2)], corner).twist.linear < 1.0


def test_the_local_path_keeps_clear_of_obstacles_and_ends_at_the_target():
    barrier = wall(1.5, -1.0, 1.5, 2.0)
    path = LocalPath().find(Pose(), (3.0, 0.4), barrier)
    assert path[0] == pytest.approx([0, 0])
    assert path[-1] == pytest.approx([3.0, 0.4], abs=0.15)
    assert min(np.hypot(*(barrier - point).T).min() for point in path) > 0.25
    assert path[:, 1].min() < -1.0  # the short way round
    assert np.hypot(*np.diff(path, axis=0).T).max() < 0.3


def test_the_local_path_is_drawn_around_the_robot():
    at = np.array([20.0, -7.0])
    barrier = wall(1.5, -1.0, 1.5, 2.0)
    here = LocalPath().find(Pose(), (3.0, 0.4), barrier)
    there = LocalPath().find(Pose(*at, 1.0), (at[0] + 3.0, at[1] + 0.4), barrier + at)
    assert there - at == pytest.approx(here, abs=1e-9)
