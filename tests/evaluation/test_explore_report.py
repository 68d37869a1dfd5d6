"""Figures of made-up rows, worked out by hand."""

import json

import pytest

from cairn.evaluation.explore_report import report
from cairn.evaluation.explore_settings import ExploreSettings

SETTINGS = ExploreSettings("recon", budget=1000.0, return_budget=200.0)


def visit(verdict="reached", seconds=100.0, driven=80.0, collisions=0):
    return {
        "verdict": verdict,
        "seconds": seconds,
        "driven_m": driven,
        "collisions": collisions,
        "reason": "",
    }


def row(method, seed, discovery, **more):
    return {"method": method, "seed": seed, "shortest_m": 40.0, "discovery": discovery, **more}


ROWS = [
    row(
        "cairn",
        2000,
        visit(seconds=200.0, driven=160.0),
        second_visit=visit(seconds=50.0, driven=50.0, collisions=1),
        changed_visit=visit("out of time", 200.0, 110.0),
        cold_start={"verdict": "correct", "error": 1.0},
    ),
    row(
        "cairn",
        2001,
        visit(seconds=100.0, driven=80.0),
        second_visit=visit("gave up", 90.0, 100.0),
        changed_visit=None,
        cold_start={"verdict": "lost", "error": None},
    ),
    row("cairn", 2002, visit("false declaration", 30.0, 0.0)),
    row("random_walk", 2000, visit(seconds=600.0, driven=500.0)),
    row("random_walk", 2001, visit("out of time", 1000.0, 900.0)),
    row("random_walk", 2002, visit("out of time", 1000.0, 900.0)),
]


def test_discovery():
    cairn = report(ROWS, SETTINGS)["methods"]["cairn"]
    assert cairn["n"] == 3
    assert cairn["success"] == pytest.approx(2 / 3)
    assert cairn["false_declarations"] == pytest.approx(1 / 3)
    assert cairn["discovery_time_s"] == pytest.approx((200 + 100 + 1000) / 3)
    assert cairn["discovery_spl"] == pytest.approx((0.25 + 0.5 + 0.0) / 3)
    low, high = cairn["intervals"]["discovery_time_s"]
    assert 100 <= low < cairn["discovery_time_s"] < high <= 1000


def test_later_visits_are_of_the_worlds_where_the_goal_was_found():
    cairn = report(ROWS, SETTINGS)["methods"]["cairn"]
    assert (cairn["n_second_visit"], cairn["n_changed_visit"]) == (2, 1)
    assert cairn["return_success"] == 0.5
    assert cairn["return_time_s"] == pytest.approx((50 + 200) / 2)
    assert cairn["return_time_ratio"] == pytest.approx(50 / 40)
    assert cairn["sct"] == pytest.approx((40 / 50 + 0) / 2)
    assert cairn["spl"] == pytest.approx((40 / 50 + 0) / 2)
    assert cairn["changed_return_success"] == 0.0
    assert cairn["cold_start"] == {"n": 2, "correct": 0.5, "lost": 0.5, "wrong": 0.0}


def test_collisions_are_of_all_that_was_driven():
    cairn = report(ROWS, SETTINGS)["methods"]["cairn"]
    assert cairn["collisions_per_km"] == pytest.approx(1 / 0.5)  # 160+50+110 + 80+100 + 0 m


def test_the_comparison_is_paired():
    (comparison,) = report(ROWS, SETTINGS)["comparisons"]
    assert (comparison["method"], comparison["baseline"], comparison["n"]) == ("cairn", "random_walk", 3)
    assert comparison["discovery_time_ratio"] == pytest.approx((600 + 1000 + 1000) / (200 + 100 + 1000))
    assert comparison["interval"][0] <= comparison["discovery_time_ratio"] <= comparison["interval"][1]


def test_a_world_that_failed_for_one_is_left_out_for_all():
    broken = [*ROWS, {"method": "chain", "seed": 2002, "error": "the demonstrator is stuck"}]
    result = report(broken, SETTINGS)
    assert result["left_out"] == [2002]
    assert result["errors"] == ["chain in world 2002: the demonstrator is stuck"]
    assert result["methods"]["cairn"]["n"] == result["methods"]["random_walk"]["n"] == 2
    assert "chain" not in result["methods"]
    assert result["worlds"] == broken


def test_the_report_is_valid_json():
    text = json.dumps(report(ROWS, SETTINGS), allow_nan=False)
    assert json.loads(text)["methods"]["random_walk"]["sct"] is None
