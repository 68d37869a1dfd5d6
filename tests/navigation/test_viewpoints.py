"""Where to look next: free, uncovered, near, and where nothing failed lately."""

from dataclasses import replace
from math import pi, radians

import numpy as np
import pytest

from cairn.navigation.viewpoints import ViewpointSettings, Views, rank_viewpoints, uncovered_headings

FOV = 120.0
NONE = np.zeros((0, 2))
NO_BARRIER = np.zeros((0, 2, 2))
OPEN = np.full((1, 24), 15.0, np.float32)
SETTINGS = ViewpointSettings()


def views(poses, ranges=None):
    poses = np.array(poses, float)
    count = len(poses)
    ranges = np.repeat(OPEN, count, 0) if ranges is None else np.array(ranges, np.float32)
    return Views(np.arange(count) + 100, poses, ranges, FOV)


def rank(
    poses,
    ranges=None,
    seconds=None,
    metres=None,
    avoid=NONE,
    looked=NONE,
    barriers=NO_BARRIER,
    settings=SETTINGS,
):
    seconds, metres = (
        np.zeros(len(poses)) if given is None else np.array(given, float) for given in (seconds, metres)
    )
    return rank_viewpoints(
        views(poses, ranges), seconds, metres, settings, np.array(avoid), np.array(looked), np.array(barriers)
    )


def test_candidates_lie_ahead_in_free_directions():
    proposed = rank([(0, 0, pi / 2)])
    assert proposed
    assert any(v.y > 2.5 for v in proposed)
    for view in proposed:
        distance = np.hypot(view.x, view.y)
        if distance > 0.1:
            assert abs(np.arctan2(view.y, view.x) - pi / 2) < radians(FOV / 2)
        assert SETTINGS.least_gain <= view.gain <= 8 or view.frontier
        assert view.node == 100
    costs = [view.cost for view in proposed]
    assert costs == sorted(costs)
    assert len(proposed) <= 20


def test_nothing_is_proposed_behind_a_wall_or_where_no_way_is_known():
    blocked = np.full((1, 24), 2.0, np.float32)
    assert all(np.hypot(v.x, v.y) < 0.1 for v in rank([(0, 0, 0)], blocked))
    assert rank([(0, 0, 0)], seconds=[np.inf]) == []


def test_nothing_is_proposed_behind_a_barrier_that_no_view_shows():
    kerb = [[(2, -50), (2, 50)]]
    assert any(view.x > 2 for view in rank([(0, 0, 0)]))
    assert all(view.x < 2 for view in rank([(0, 0, 0)], barriers=kerb))


def test_the_left_half_of_the_ranges_is_on_the_left():
    left = np.concatenate([np.full(12, 15.0), np.full(12, 1.0)])[None]
    away = [v for v in rank([(0, 0, 0)], left) if np.hypot(v.x, v.y) > 0.1]
    assert away
    assert all(v.y > 0 for v in away)


def test_the_nearest_comes_first_and_every_candidate_has_its_source():
    poses = [(0, 0, 0), (100, 0, 0)]
    best = rank(poses, seconds=[1.0, 60.0])
    assert best[0].node == 100
    assert best[0].x < 50
    assert rank(poses, seconds=[60.0, 1.0])[0].node == 101


def test_beyond_where_the_goal_is_expected_everything_nearer_comes_first():
    poses = [(0, 0, 0), (100, 0, 0)]
    assert rank(poses, seconds=[20.0, 1.0], metres=[30.0, 100.0])[0].node == 100
    alone = rank(poses[1:], metres=[100.0])
    assert alone[0].node == 100
    anywhere = replace(SETTINGS, goal_within=0.0)
    assert rank(poses, seconds=[20.0, 1.0], metres=[30.0, 100.0], settings=anywhere)[0].node == 101


def test_the_end_of_seen_ground_is_worth_a_visit_whatever_headings_were_seen_there():
    everywhere = [(x, 0.0, heading) for x in (0.0, 2.0) for heading in np.arange(8) * pi / 4]
    proposed = rank(everywhere)
    assert any(view.frontier and view.gain < SETTINGS.least_gain for view in proposed)
    closed = rank(everywhere, np.full((16, 24), 3.0, np.float32))
    assert not any(view.frontier for view in closed)


def test_what_failed_or_was_looked_at_is_left_alone():
    first = rank([(0, 0, 0)])[0]
    for option in ("avoid", "looked"):
        rest = rank([(0, 0, 0)], **{option: [(first.x, first.y)]})
        assert min(np.hypot(v.x - first.x, v.y - first.y) for v in rest) > 1.4


def test_a_place_seen_from_all_sides_has_nothing_left():
    around = [(0.0, 0.0, heading) for heading in np.arange(8) * pi / 4]
    tight = np.full((8, 24), 2.0, np.float32)
    assert rank(around, tight) == []
    assert len(uncovered_headings((0, 0), views(around, tight), SETTINGS)) == 0


def test_a_view_covers_its_own_heading_where_it_stands():
    missing = uncovered_headings((0, 0), views([(0.0, 0.0, 0.0)]), SETTINGS)
    turned = np.abs(missing)
    assert 0.0 not in missing.round(6)
    assert pi == pytest.approx(turned.max())
    assert (turned > SETTINGS.heading - 1e-6).all()


def test_a_view_covers_what_it_sees_ahead_and_not_what_a_wall_hides():
    node = views([(0.0, 0.0, 0.0)])
    ahead = (0.7 * SETTINGS.reach, 0.0)
    assert 0.0 not in uncovered_headings(ahead, node, SETTINGS).round(6)
    short = np.full((1, 24), 2.0, np.float32)
    assert len(uncovered_headings(ahead, views([(0.0, 0.0, 0.0)], short), SETTINGS)) == 8
    beyond = (SETTINGS.reach + 0.5, 0.0)
    assert len(uncovered_headings(beyond, node, SETTINGS)) == 8


def test_headings_wrap_at_pi():
    node = views([(0.0, 0.0, pi - 0.05)])
    missing = uncovered_headings((0, 0), node, SETTINGS)
    assert -pi not in missing.round(6)
    assert 0.0 in missing.round(6)
