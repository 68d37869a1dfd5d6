"""The shipped explorer through all its visits, with a policy that knows the truth."""

import pytest
from perfect_policy import PerfectPolicy

from cairn.evaluation.task import draw_task
from cairn.evaluation.visits import Visits
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.explorer import Explorer
from cairn.navigation.pose import Pose
from cairn.navigation.searcher import Searcher

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def task(yard):
    return draw_task(yard, 0, Pose(12, 14, 1.0), Pose(19, 12, -1.2))


def test_the_explorer_finds_the_goal_and_comes_straight_back_to_it(yard):
    task = draw_task(yard, 0, Pose(3, 3, 0), Pose(9, 4, 0.3))
    visits = Visits(Explorer(PerfectPolicy(yard, [(task.goal_image, task.goal)])), task, seed=1)
    first = visits.search(yard, 60, known_start=False)
    assert first.success, first.reason
    second = visits.search(yard, 60, known_start=True)
    assert second.success, second.reason
    assert second.trace.stamp[0] > first.trace.stamp[-1]
    assert second.driven < 2 * task.shortest_length


class Mapless(Searcher):
    """Says where it is as scripted."""

    def __init__(self, node, stamps):
        self.node, self.stamps = node, stamps

    def begin(self, goal_image, seed=0, *, known_start=False):
        pass

    def step(self, observation):
        self.now = observation.stamp
        return Decision(Twist(0.5, 0.0), Phase.EXPLORING, node=self.node)

    def node_stamps(self):
        return self.stamps


@pytest.fixture
def driven(yard, task):
    """A searcher that drove 2.5 m, and its visits."""
    searcher = Mapless(0, {})
    visits = Visits(searcher, task, seed=0)
    visits.search(yard, 5.0, known_start=False)
    return searcher, visits


@pytest.mark.parametrize(
    ("node", "stamps", "verdict"),
    [
        (0, {0: 2.0}, "correct"),  # any place of so short a drive is within five metres
        (-1, {0: 2.0}, "lost"),
        (7, {0: 2.0}, "lost"),  # a node that the map lacks
        (0, {0: 1e9}, "lost"),  # a node made since the robot was put down
    ],
)
def test_cold_start_is_judged_by_what_the_map_says(yard, driven, node, stamps, verdict):
    searcher, visits = driven
    searcher.node, searcher.stamps = node, stamps
    assert visits.cold_start(yard).verdict == verdict


def test_a_place_believed_far_from_the_robot_is_wrong(yard):
    searcher = Mapless(0, {0: 0.0})
    task = draw_task(yard, 0, Pose(3, 3, 0), Pose(13, 3, 0))
    visits = Visits(searcher, task, seed=0)
    visits.search(yard, 24.0, known_start=False)  # 11 m along x: most of it far from where node 0 was made
    found = visits.cold_start(yard)
    assert found.verdict == ("correct" if found.error <= 5.0 else "wrong")
    assert found.error > 5.0


def test_a_searcher_without_a_map_has_no_cold_start(yard, driven):
    _, visits = driven
    assert visits.cold_start(yard) is None
