"""Steering: towards the target, round what is in the way, never into it."""

from math import cos, hypot, pi, sin

import numpy as np
import pytest

from cairn.navigation.local_planner import LocalPlanner
from cairn.navigation.pose import Pose

NOTHING = np.zeros((0, 2))


def wall(x0, y0, x1, y1, gap=0.1) -> np.ndarray:
    count = int(hypot(x1 - x0, y1 - y0) / gap) + 1
    return np.stack([np.linspace(x0, x1, count), np.linspace(y0, y1, count)], -1)


def drive(planner, pose, target, points, steps=80):
    """Poses until the target is near."""
    track = [pose]
    for _ in range(steps):
        twist = planner.steer(pose, target, points).twist
        for _ in range(5):
            pose = pose @ Pose(twist.linear * 0.05, 0, twist.angular * 0.05)
            track.append(pose)
        if hypot(target[0] - pose.x, target[1] - pose.y) < 0.4:
            break
    return track


@pytest.mark.parametrize("heading", np.linspace(-pi, pi, 9))
def test_it_reaches_a_free_target_whatever_the_heading(heading):
    track = drive(LocalPlanner(), Pose(1, 2, heading), (-2, 4), NOTHING)
    assert hypot(track[-1].x + 2, track[-1].y - 4) < 0.4


def test_straight_ahead_is_full_speed_ahead():
    twist = LocalPlanner(speed=0.8).steer(Pose(), (10, 0), NOTHING).twist
    assert (twist.linear, twist.angular) == pytest.approx((0.8, 0.0), abs=1e-9)


@pytest.mark.parametrize("side", [1, -1])
def test_it_turns_to_the_side_where_the_target_is(side):
    planner = LocalPlanner()
    assert planner.steer(Pose(), (4, 2 * side), NOTHING).twist.angular * side > 0.1
    behind = LocalPlanner().steer(
        Pose(0, 0, 1.0), (3 * cos(1 + side * 2.5), 3 * sin(1 + side * 2.5)), NOTHING
    )
    assert behind.twist.linear == 0
    assert behind.twist.angular * side > 0.5


def test_limits_are_kept():
    planner = LocalPlanner(speed=0.6, turn_rate=0.7)
    for angle in np.linspace(-pi, pi, 17):
        twist = planner.steer(Pose(), (5 * cos(angle), 5 * sin(angle)), NOTHING).twist
        assert 0 <= twist.linear <= 0.6
        assert abs(twist.angular) <= 0.7 + 1e-9


@pytest.mark.parametrize("side", [1, -1])
def test_it_goes_round_a_post_without_touching_it(side):
    post = np.array([[2.0, 0.1 * side], [2.0, 0.2 * side]])
    track = drive(LocalPlanner(), Pose(), (4, 0), post)
    assert hypot(track[-1].x - 4, track[-1].y) < 0.4
    clearance = min(np.hypot(*(post - (p.x, p.y)).T).min() for p in track)
    assert clearance > 0.3
    passing = min(track, key=lambda p: abs(p.x - 2))
    assert passing.y * side < 0


def test_it_stops_and_turns_before_a_wall():
    planner = LocalPlanner()
    ahead = wall(0.7, -3, 0.7, 3)
    steering = planner.steer(Pose(0.2, 0, 0), (5, 0), ahead)
    assert steering.blocked
    assert steering.twist.linear == 0
    assert steering.twist.angular != 0
    track = drive(planner, Pose(), (5, 0), ahead, steps=20)
    assert max(p.x for p in track) < 0.7 - 0.3


def test_blocked_it_keeps_turning_the_same_way():
    planner = LocalPlanner()
    corner = np.concatenate([wall(0.7, -2, 0.7, 2), wall(-2, 0.7, 0.7, 0.7), wall(-2, -0.7, 0.7, -0.7)])
    turns = [planner.steer(Pose(0, 0, 0.05 * (-1) ** k), (5, 0), corner).twist.angular for k in range(6)]
    assert len(set(np.sign(turns))) == 1


def test_obstacles_and_target_are_in_the_odometry_frame():
    at = Pose(10, -4, 2.2)

    def moved(x, y):
        pose = at @ Pose(x, y, 0)
        return pose.x, pose.y

    points = np.array([[1.5, 0.2], [1.5, 0.3]])
    here = LocalPlanner().steer(Pose(), (4, 0.5), points).twist
    there = LocalPlanner().steer(at, moved(4, 0.5), np.array([moved(*p) for p in points])).twist
    assert (there.linear, there.angular) == pytest.approx((here.linear, here.angular))


@pytest.mark.parametrize("side", [1, -1])
def test_standing_too_near_to_something_it_drives_away_from_it(side):
    beside = wall(-1, 0.36 * side, 0.4, 0.36 * side)
    track = drive(LocalPlanner(), Pose(), (4, -1 * side), beside)
    assert hypot(track[-1].x - 4, track[-1].y + side) < 0.4
    assert min(np.hypot(*(beside - (p.x, p.y)).T).min() for p in track) > 0.28


def test_boxed_in_at_the_front_it_backs_off_before_it_turns():
    nook = np.concatenate([wall(0.4, -0.5, 0.4, 0.5), wall(-0.1, 0.4, 0.4, 0.4), wall(-0.1, -0.4, 0.4, -0.4)])
    planner = LocalPlanner()
    steering = planner.steer(Pose(), (3, 0), nook)
    assert steering.blocked
    assert steering.twist.linear < 0
    track = drive(planner, Pose(), (-3, 1), nook)
    assert hypot(track[-1].x + 3, track[-1].y - 1) < 0.4


def test_it_does_not_back_into_something():
    around = np.concatenate([wall(0.38, -0.5, 0.38, 0.5), wall(-0.45, -0.5, -0.45, 0.5)])
    twist = LocalPlanner().steer(Pose(), (3, 0), around).twist
    assert twist.linear == 0
