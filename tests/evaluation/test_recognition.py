"""Relations of views to goals, the threshold and the table, worked out by hand."""

from math import pi

import numpy as np
import pytest

from cairn.evaluation import recognition_benchmark
from cairn.evaluation.recognition_benchmark import RecognitionRecord, choose_threshold, record_bundles
from cairn.evaluation.recognition_table import recognition_difference, recognition_table
from cairn.evaluation.recognition_views import HEADINGS, relate, views_in_sight
from cairn.hardware.errors import CairnError
from cairn.navigation.pose import Pose


def record(seed, rows):
    """Rows of distance, heading, in view, hidden, match."""
    distance, heading, in_view, hidden, match = map(np.array, zip(*rows, strict=True))
    return RecognitionRecord(seed, distance, heading, in_view.astype(bool), hidden.astype(bool), match)


def test_relations_in_the_yard(yard):
    truth, goal = yard.truth, Pose(10, 4, 0.0)
    seen = relate(Pose(4, 4, 0.5), goal, truth, fov=120)
    assert (seen.distance, seen.in_view, seen.hidden) == (6.0, True, False)
    assert seen.heading == pytest.approx(0.5)
    away = relate(Pose(4, 4, pi), goal, truth, fov=120)
    assert (away.in_view, away.hidden) == (False, False)
    near = relate(Pose(8, 4, pi), goal, truth, fov=120)
    assert near.in_view
    behind_the_wall = relate(Pose(20, 4, pi), goal, truth, fov=120)
    assert (behind_the_wall.in_view, behind_the_wall.hidden) == (False, True)


def test_views_are_drawn_for_every_cell_and_show_the_place(yard):
    goal = Pose(8, 6, 0.3)
    views = views_in_sight(goal, yard.truth, 120, a_cell=2, random=np.random.default_rng(0))
    relations = [relate(view, goal, yard.truth, 120) for view in views]
    assert all(relation.in_view for relation in relations)
    assert all(yard.truth.is_free(view.x, view.y) for view in views)
    near = [relation for relation in relations if relation.distance < 3]
    cells = np.digitize(np.degrees([relation.heading for relation in near]), HEADINGS[1:-1])
    assert sorted(cells) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_the_threshold_lets_a_thousandth_through():
    matches = np.arange(5000) / 5000
    hidden = record(1000, [(20.0, 0.0, 0, 1, match) for match in matches])
    threshold = choose_threshold([hidden], false_share=0.001)
    assert (matches >= threshold).sum() == 5
    assert choose_threshold([hidden], false_share=1.0) == 0.0


def test_the_table():
    near_views = [(1.0, 0.1, 1, 0, 0.9), (2.0, 0.2, 1, 0, 0.4), (2.0, pi, 1, 0, 0.9)]
    first = record(1000, [*near_views, (30.0, 0.0, 0, 1, 0.8)])
    second = record(1001, [(1.0, 0.1, 1, 0, 0.7), (5.0, 0.7, 1, 0, 0.6), (30.0, 0.0, 0, 1, 0.1)])
    table = recognition_table([second, first], threshold=0.6)
    assert table["seeds"] == [1000, 1001]
    near, middle, far, _ = table["aligned"]
    assert (near["n"], near["share"]) == (3, pytest.approx(2 / 3))
    assert (middle["n"], middle["share"]) == (1, 1.0)
    assert far == {"distance_m": [8.0, 12.0], "n": 0, "share": None, "interval": None}
    opposite = next(cell for cell in table["reach"] if cell["heading_deg"] == [135.0, 180.0])
    assert (opposite["n"], opposite["share"]) == (1, 1.0)
    assert table["false_positives"]["share"] == 0.5
    low, high = near["interval"]
    assert (low, high) == (pytest.approx(0.5), pytest.approx(1.0))


def test_two_bundles_are_compared_view_by_view_and_world_by_world():
    """Each world gains one of its two views, though the share that is seen differs between worlds."""
    hidden = (30.0, 0.0, 0, 1)

    def records(*matches):
        return [
            record(1000 + world, [(1.0, 0.1, 1, 0, one), (2.0, 0.2, 1, 0, other), (*hidden, wrong)])
            for world, (one, other, wrong) in enumerate(matches)
        ]

    before = records((0.9, 0.3, 0.1), (0.1, 0.2, 0.1))
    after = records((0.9, 0.8, 0.1), (0.1, 0.8, 0.9))
    difference = recognition_difference(after[::-1], 0.7, before, 0.5)
    near, middle, *_ = difference["aligned"]
    assert (near["n"], near["share"], near["interval"]) == (4, 0.5, [0.5, 0.5])
    assert middle["share"] is None
    wrong = difference["false_positives"]
    assert (wrong["n"], wrong["share"], wrong["interval"]) == (2, 0.5, [0.0, 1.0])
    # At a threshold of its own, the older one saw as much.
    assert recognition_difference(after, 0.7, before, 0.15)["aligned"][0]["share"] == 0.0
    table = recognition_table(before, 0.5)
    assert table["aligned"][0]["interval"] == [0.0, 0.5], "worlds differ, their gains do not"

    with pytest.raises(CairnError, match="a paired difference needs records of the same views"):
        recognition_difference(after[:1], 0.7, before, 0.5)
    others = [record(one.seed, [(5.0, 0.1, 1, 0, 0.9)] * 3) for one in before]
    with pytest.raises(CairnError, match="a paired difference needs records of the same views"):
        recognition_difference(others, 0.7, before, 0.5)


def test_bundles_are_shown_the_very_same_views(monkeypatch):
    monkeypatch.setattr(recognition_benchmark, "GOALS", 1)
    one, other = record_bundles(["recon", "recon"], 1000, "clear", 69.0, random_views=3, views=1)
    for name in ("distance", "heading", "in_view", "hidden", "match"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.in_view.sum() > 10
    assert one.match[(one.distance < 2.0) & (one.heading < 0.3)].max() > 0.7
    (wide,) = record_bundles(["recon"], 1000, "clear", random_views=3, views=1)
    assert not np.array_equal(wide.distance, one.distance), "what is in view depends on the lens"
