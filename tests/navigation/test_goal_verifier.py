"""One look is a reason to go and see; only several from close by are the goal."""

from dataclasses import replace
from math import pi

import numpy as np
import pytest

from cairn.navigation.goal_hypothesis import GoalHypothesis, Sighting, viewpoint
from cairn.navigation.goal_verifier import GoalEstimate, GoalVerifier, Verdict
from cairn.navigation.pose import Pose
from cairn.policies.comparison import Comparison

GOAL = Pose(6.0, 0.0, 0.0)


def said(match, bearing=0.0, yaw=0.0, distance=0.0) -> Comparison:
    values = (4 * distance, match, bearing, yaw, distance)
    nothing = np.zeros((1, 2), np.float32)
    return Comparison(*(np.array([value], np.float32) for value in values), nothing, nothing)


def truth(pose: Pose, match=0.97, goal=GOAL) -> Comparison:
    there = pose.inverse @ goal
    return said(match, there.bearing, there.yaw, there.distance)


def approach(verifier: GoalVerifier, match=0.97, until=6.0) -> list[GoalEstimate]:
    poses = [Pose(x, 0.1, 0.0) for x in np.arange(0.0, until, 0.25)]
    return [verifier.consider(truth(pose, match), pose) for pose in poses]


@pytest.fixture
def verifier():
    return GoalVerifier(threshold=0.6)  # comparisons are given


def test_one_view_is_a_suspicion_with_the_goals_place(verifier):
    seen = verifier.consider(truth(Pose(1, 2, 0.5)), Pose(1, 2, 0.5))
    assert seen.verdict is Verdict.SUSPECTED
    assert seen.pose == pytest.approx(GOAL, abs=1e-5)
    assert seen.distance == pytest.approx(np.hypot(5, 2))


def test_views_of_something_else_are_nothing(verifier):
    for x in np.arange(0, 3, 0.25):
        seen = verifier.consider(said(0.3, distance=1.0), Pose(float(x), 0, 0))
        assert (seen.verdict, seen.pose, seen.distance) == (Verdict.UNSEEN, None, float("inf"))


def test_it_is_confirmed_from_close_by_and_not_before(verifier):
    estimates = approach(verifier)
    confirmed = [e for e in estimates if e.verdict is Verdict.CONFIRMED]
    assert confirmed
    assert max(e.distance for e in confirmed) < 2.0
    assert all(e.verdict is Verdict.SUSPECTED for e in estimates[:14])


@pytest.mark.parametrize(("support", "verdict"), [(20.0, Verdict.SUSPECTED), (40.0, Verdict.CONFIRMED)])
def test_a_wall_of_the_same_bricks_is_not_the_goal(verifier, support, verdict):
    poses = [Pose(x, 0.1, 0.0) for x in np.arange(0.0, 6.0, 0.25)]
    said = [verifier.consider(replace(truth(pose), support=support), pose) for pose in poses]
    assert said[-1].verdict is verdict


def test_standing_still_confirms_nothing(verifier):
    for _ in range(40):
        assert verifier.consider(truth(Pose(5.5, 0, 0)), Pose(5.5, 0, 0)).verdict is Verdict.SUSPECTED


def test_looking_away_from_how_the_photo_was_taken_confirms_nothing(verifier):
    for k in range(30):
        pose = Pose(5.0 + 0.05 * k, 0.3, 1.2 + 0.02 * k)
        assert verifier.consider(truth(pose), pose).verdict is not Verdict.CONFIRMED


def test_a_suspicion_that_closer_views_deny_is_dropped(verifier):
    verifier.consider(truth(Pose()), Pose())
    estimates = [verifier.consider(said(0.3), Pose(x, 0, 0)) for x in np.arange(1.5, 5.0, 0.5).tolist()]
    assert estimates[0].verdict is Verdict.SUSPECTED
    assert estimates[-1].verdict is Verdict.UNSEEN


def test_views_from_where_the_goal_cannot_be_seen_deny_nothing(verifier):
    approach(verifier, until=3.0)
    for x in (3.0, 2.5, 2.0, 1.5):
        seen = verifier.consider(said(0.02), Pose(x, 0, pi))
    assert seen.verdict is Verdict.SUSPECTED
    assert seen.pose == pytest.approx(GOAL, abs=0.1)


def test_a_rejected_place_is_left_alone_and_another_is_not(verifier):
    approach(verifier, until=2.0)
    verifier.reject()
    assert verifier.consider(truth(Pose(3, 1, 0)), Pose(3, 1, 0)).verdict is Verdict.UNSEEN
    other = Pose(0.0, 20.0, 1.0)
    here = Pose(0.0, 16.0, 1.5)
    seen = verifier.consider(truth(here, goal=other), here)
    assert seen.verdict is Verdict.SUSPECTED
    assert seen.pose == pytest.approx(other, abs=1e-3)


def test_a_new_search_forgets_the_old_one(verifier):
    approach(verifier)
    verifier.reject()
    verifier.begin(None)  # type: ignore[arg-type]
    first = verifier.consider(truth(Pose(5, 0, 0)), Pose(5, 0, 0))
    assert first.verdict is Verdict.SUSPECTED
    assert first.probability == pytest.approx(0.97, abs=0.01)


def test_a_moved_frame_moves_what_is_believed(verifier):
    approach(verifier, until=3.0)
    correction = Pose(10.0, -2.0, pi / 2)
    verifier.shift(correction)
    here = correction @ Pose(3.0, 0.1, 0.0)
    seen = verifier.consider(truth(here, goal=correction @ GOAL), here)
    assert seen.pose == pytest.approx(correction @ GOAL, abs=0.05)
    verifier.reject()
    assert verifier.consider(truth(here, goal=correction @ GOAL), here).verdict is Verdict.UNSEEN


def test_a_view_before_a_goal_is_a_mistake(verifier):
    with pytest.raises(RuntimeError, match=r"begin\(\) gives the goal"):
        verifier.update(None, None, Pose())  # type: ignore[arg-type]


def test_a_viewpoint_lies_where_bearing_distance_and_yaw_say():
    assert viewpoint(Pose(1, 1, pi / 2), pi / 2, 2.0, -pi / 4) == pytest.approx(Pose(-1, 1, pi / 4))
    assert viewpoint(Pose(0, 0, 3.0), 0.0, 1.0, 1.0).yaw == pytest.approx(4.0 - 2 * pi)


def test_near_views_move_a_hypothesis_more_and_headings_average_across_pi():
    belief = GoalHypothesis(Sighting(Pose(0, 0, pi - 0.1), 6.0, 1.0), 0.9)
    belief.support(Sighting(Pose(1, 0, -pi + 0.1), 0.5, 1.0), match=0.9)
    assert belief.pose.x > 0.9
    assert abs(belief.pose.yaw) > 3.0
    assert belief.probability == pytest.approx(81 / 82)
    belief.shifted(Pose(0, 5, 0))
    belief.place(Sighting(Pose(1, 5, -pi + 0.1), 0.5, 1.0))
    assert belief.pose == pytest.approx(Pose(1, 5, -pi + 0.1), abs=0.05)


def test_what_most_views_agree_on_is_not_drawn_aside_by_reflections():
    random = np.random.default_rng(0)
    goal = Pose(3.0, 1.0, 0.5)
    belief = GoalHypothesis(Sighting(goal, 4.0, 1.0), 0.9)
    for k in range(20):
        x, y = random.normal(0.0, 0.2, 2)
        off = Pose(0.5 * k, -3.0, -0.5) if k % 3 == 0 else Pose(x, y, 0.0)
        seen = Pose(goal.x + off.x, goal.y + off.y, goal.yaw + off.yaw)
        belief.support(Sighting(seen, 3.0, 1.0), match=0.9)
    assert belief.pose == pytest.approx(goal, abs=0.2)


def test_a_place_that_looks_elsewhere_from_close_by_is_looked_for_there(verifier):
    mirrored = Pose(6.0, 4.0, 0.3)
    for x in np.arange(0.0, 4.0, 0.25):
        pose = Pose(x, 0.0, 0.0)
        estimate = verifier.consider(truth(pose, goal=mirrored), pose)
    assert estimate.pose == pytest.approx(mirrored, abs=0.1)
    # The robot stands there, and what it sees is that the goal is aside; each view alone is only fair.
    for _ in range(16):
        estimate = verifier.consider(truth(mirrored, match=0.55), mirrored)
    assert estimate.pose == pytest.approx(GOAL, abs=0.2)


def test_evidence_is_bounded_so_that_it_can_be_overturned():
    belief = GoalHypothesis(Sighting(Pose(), 1.0, 1.0), 0.5)
    for _ in range(100):
        belief.weigh(1.0, 1.0)
    assert belief.probability < 1.0
    for _ in range(5):
        belief.weigh(0.0, 1.0)
    assert belief.probability < 0.5
