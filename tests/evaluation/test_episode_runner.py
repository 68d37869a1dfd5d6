"""The judge, with searchers that do one thing."""

import pytest

from cairn.evaluation.episode_runner import Verdict, run_search
from cairn.evaluation.task import draw_task
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.pose import Pose
from cairn.navigation.searcher import Searcher

pytestmark = pytest.mark.timeout(600)


class Scripted(Searcher):
    """Drives straight on and says `last` after `steps` steps."""

    def __init__(self, steps, last=Phase.REACHED, speed=0.0):
        self.left, self.last, self.speed, self.stamps = steps, last, speed, []

    def begin(self, goal_image, seed=0, *, known_start=False):
        pass

    def step(self, observation):
        self.stamps.append(observation.stamp)
        self.left -= 1
        if self.left < 0:
            return Decision(Twist(), self.last, "as told")
        return Decision(Twist(self.speed, 0.0), Phase.EXPLORING)


@pytest.fixture
def task(yard):
    return draw_task(yard, 0, Pose(3, 3, 0), Pose(8, 3, 0))


def run(searcher, yard, task, pose, budget=20.0, **options):
    yard.reset(pose)
    return run_search(searcher, yard, task, budget, **options)


def test_a_true_declaration(yard, task):
    outcome = run(Scripted(2), yard, task, Pose(6, 3, 2))
    assert outcome.verdict is Verdict.REACHED
    assert outcome.reason == "as told"


def test_a_false_declaration_is_a_failure(yard, task):
    outcome = run(Scripted(2), yard, task, Pose(3, 3, 0))
    assert outcome.verdict is Verdict.FALSE_DECLARATION
    assert not outcome.success


def test_giving_up(yard, task):
    assert run(Scripted(0, Phase.FAILED), yard, task, Pose(3, 3, 0)).verdict is Verdict.GAVE_UP


def test_the_budget_is_simulated_time(yard, task):
    outcome = run(Scripted(99), yard, task, Pose(3, 3, 0), budget=5.0)
    assert outcome.verdict is Verdict.OUT_OF_TIME
    assert outcome.seconds == pytest.approx(5.0, abs=0.3)
    assert len(outcome.trace) in (20, 21)  # periods are whole physics steps
    with pytest.raises(CairnError, match="must be positive, got 0"):
        run_search(Scripted(1), yard, task, 0)


def test_the_trace_is_what_happened(yard, task):
    outcome = run(Scripted(16, speed=1.0), yard, task, Pose(3, 3, 0))
    trace = outcome.trace
    assert trace.truth[0, :2] == pytest.approx([3, 3], abs=0.05)
    assert trace.odometry[0] == pytest.approx([0, 0, 0], abs=0.01)
    assert 3.0 < trace.distance < 4.1
    assert trace.distance == pytest.approx(outcome.driven, abs=0.1)
    assert set(trace.phase[:-1]) == {Phase.EXPLORING}
    assert trace.phase[-1] == Phase.REACHED
    assert (trace.decide_ms >= 0).all()


def test_a_wall_is_felt_and_counted_once(yard, task):
    outcome = run(Scripted(40, speed=1.0), yard, task, Pose(27, 10, 0))
    assert outcome.collisions == 1
    assert outcome.trace.collided.any()


def test_time_goes_on_across_visits(yard, task):
    searcher = Scripted(3)
    run(searcher, yard, task, Pose(6, 3, 0), epoch=100.0)
    assert searcher.stamps[0] >= 100.0
    assert searcher.stamps == sorted(searcher.stamps)
