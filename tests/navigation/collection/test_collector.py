"""A blind robot between walls: it bumps, backs off, labels and never stays stuck."""

from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, pi, sin

import numpy as np
import pytest

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import Odometry
from cairn.hardware.twist import Twist
from cairn.navigation.budget import Budget
from cairn.navigation.collection.collector import CollectionStep, Collector, Ranges, Situation
from cairn.navigation.collection.episode_schedule import EpisodeSchedule
from cairn.navigation.collection.geofence import Geofence
from cairn.navigation.collection.stuck_detector import StuckDetector

PERIOD = 0.05
HALF = 5.0
"""Half a side of the walled yard [m]."""
HULL = 0.3


class Yard:
    """A robot that walls stop; `feels` is whether it has a bumper."""

    def __init__(self, seed: int, feels: bool, fence: Geofence | None = None, **budget: float) -> None:
        given = Budget(**{"time": 1e6, "distance": 1e6, **budget})
        self.collector = Collector(seed, 5.0, 0.6, 1.0, given, fence)
        self.feels = feels
        self.x = self.y = self.yaw = self.now = 0.0
        self.twist = Twist()
        self.steps: list[CollectionStep] = []
        self.contacts = 0

    def pass_time(self) -> CollectionStep:
        speed, in_contact = self.twist.linear, False
        x = self.x + PERIOD * speed * cos(self.yaw)
        y = self.y + PERIOD * speed * sin(self.yaw)
        if max(abs(x), abs(y)) > HALF - HULL:
            x, y, speed, in_contact = self.x, self.y, 0.0, True
        self.contacts += in_contact
        self.x, self.y = x, y
        self.yaw += PERIOD * self.twist.angular
        self.now += PERIOD
        odometry = Odometry(self.now, self.x, self.y, self.yaw, speed, self.twist.angular)
        step = self.collector.step(
            Situation(odometry, touches=in_contact and self.feels, passed_on=self.twist)
        )
        self.twist = step.twist
        self.steps.append(step)
        return step


@pytest.mark.parametrize("feels", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_it_bumps_and_turns_for_twenty_minutes(feels: bool, seed: int) -> None:
    yard = Yard(seed, feels)
    visited = set()
    for _ in range(round(1200 / PERIOD)):
        yard.pass_time()
        visited.add((round(yard.x), round(yard.y)))
    last = yard.steps[-1]
    assert last.collisions > 20
    assert any(step.physical for step in yard.steps) is feels
    assert len(visited) > 60, "it comes about"
    pushing = yard.contacts * PERIOD / 1200
    assert pushing < (0.06 if feels else 0.12)
    if not feels:
        assert any(step.stuck for step in yard.steps)
    assert max(abs(step.twist.linear) for step in yard.steps) <= 0.6


def test_a_contact_is_answered_at_once_by_driving_back() -> None:
    yard = Yard(1, feels=True)
    while not yard.pass_time().collided:
        pass
    assert yard.steps[-1].twist.linear < 0
    assert yard.steps[-1].retreats
    assert yard.steps[-2].twist.linear > 0


def test_inside_a_fence_it_meets_no_wall() -> None:
    yard = Yard(2, feels=True, fence=Geofence.circle(0, 0, 4.0))
    for _ in range(round(300 / PERIOD)):
        yard.pass_time()
    assert yard.contacts == 0
    assert not any(step.outside_geofence for step in yard.steps)


@pytest.mark.parametrize(
    ("budget", "reason"),
    [({"time": 20.0}, "the time budget is spent"), ({"distance": 5.0}, "the distance budget is spent")],
)
def test_a_spent_budget_ends_it_with_zero(budget: dict[str, float], reason: str) -> None:
    yard = Yard(3, feels=True, **budget)
    for _ in range(3000):
        step = yard.pass_time()
        if step.end:
            break
    assert (step.end, step.is_fault, step.twist) == (reason, False, Twist())


def test_a_fall_or_a_leap_beyond_the_fence_ends_it() -> None:
    collector = Collector(0, 5.0, 0.6, 1.0, Budget(10, 10), Geofence.circle(0, 0, 3))
    step = collector.step(Situation(Odometry(1.0, 5.0, 0, 0, 0, 0)))
    assert (step.outside_geofence, step.end) == (True, "")
    step = collector.step(Situation(Odometry(1.1, 0, 9.0, 0, 0, 0)))
    assert step.end == "the robot is 6.0 m outside the geofence"
    assert step.is_fault
    step = collector.step(Situation(Odometry(1.1, 0, 0, 0, 0, 0), flipped=True))
    assert (step.end, step.flipped) == ("the robot has fallen over", True)


def test_ranges_make_it_turn_before_a_wall_and_label_what_is_close() -> None:
    bearings = np.linspace(-1.0, 1.0, 15)
    wall = Ranges(bearings, np.full(15, 0.7, np.float32))
    twists = []
    for seed in range(40):
        collector = Collector(seed, 5.0, 0.6, 1.0, Budget(10, 10))
        step = collector.step(Situation(Odometry(0.0, 0, 0, 0, 0, 0), ranges=wall))
        twists.append(step.twist)
        assert not step.close
    assert np.mean([twist.linear == 0 for twist in twists]) > 0.8
    assert Ranges(np.array([0.0]), np.array([0.38], np.float32)).is_close
    assert not Ranges(np.array([0.0]), np.array([0.45], np.float32)).is_close
    assert Ranges(np.array([pi / 2]), np.array([0.33], np.float32)).is_close


def test_stuck_is_commanded_motion_without_any() -> None:
    stuck = StuckDetector(1.0)
    assert not stuck.update(0.0, Twist(0.5, 0.0), Twist())
    assert stuck.update(1.0, Twist(0.5, 0.0), Twist(0.05, 0.0))
    assert not stuck.update(1.1, Twist(0.5, 0.0), Twist(0.2, 0.0))
    assert not stuck.update(2.0, Twist(0.0, 0.8), Twist(0.0, 0.1))
    assert stuck.update(3.0, Twist(0.0, 0.8), Twist(0.0, 0.1))
    assert not stuck.update(9.0, None, Twist())
    assert not stuck.update(10.0, Twist(), Twist())
    with pytest.raises(CairnError, match="must be positive, got 0"):
        StuckDetector(0.0)


def test_episodes_last_their_duration_and_begin_again() -> None:
    schedule = EpisodeSchedule(10.0)
    said = [
        (t, remark.action) for t in range(40) if (remark := schedule.update(float(t), True, False, False))
    ]
    assert said[:4] == [
        (0, EpisodeAction.START),
        (10, EpisodeAction.KEEP),
        (11, EpisodeAction.START),
        (21, EpisodeAction.KEEP),
    ]


def test_a_contact_ends_an_episode_a_second_later_and_short_ones_are_discarded() -> None:
    schedule = EpisodeSchedule(60.0)
    assert schedule.update(0.0, True, False, False) is not None
    assert schedule.update(5.0, True, True, False) is None
    assert schedule.update(5.5, True, False, True) is None
    remark = schedule.update(6.0, True, False, True)
    assert remark is not None
    assert (remark.action, remark.note) == (EpisodeAction.KEEP, "ended by a collision")
    assert schedule.update(7.0, True, False, True) is None, "not while it backs off"
    assert schedule.update(8.0, True, False, False) is not None
    schedule.update(8.5, True, True, False)
    remark = schedule.update(9.5, True, False, False)
    assert remark is not None
    assert remark.action is EpisodeAction.DISCARD


def test_no_episode_while_a_person_drives_and_none_is_left_open() -> None:
    schedule = EpisodeSchedule(60.0)
    assert schedule.update(0.0, False, False, False) is None
    assert schedule.update(1.0, True, False, False) is not None
    schedule.update(10.0, False, False, False)
    remark = schedule.update(11.0, False, False, False)
    assert remark is not None
    assert (remark.action, remark.note) == (EpisodeAction.KEEP, "ended with the drive")
    assert schedule.finish(12.0) is None
    schedule.update(13.0, True, False, False)
    assert schedule.is_under_way
    remark = schedule.finish(30.0)
    assert remark is not None
    assert remark.action is EpisodeAction.KEEP


def test_after_a_refusal_it_tries_again_later() -> None:
    schedule = EpisodeSchedule(60.0, retry=5.0)
    schedule.update(0.0, True, False, False)
    schedule.refused(0.1)
    assert schedule.update(4.0, True, False, False) is None
    assert schedule.update(5.2, True, False, False) is not None


def test_between_two_decisions_the_twist_stays() -> None:
    yard = Yard(5, feels=True)
    twists = [yard.pass_time().twist for _ in range(40)]
    changes = sum(a != b for a, b in pairwise(twists))
    assert 5 <= changes <= 11
    assert hypot(yard.x, yard.y) > 0.5
