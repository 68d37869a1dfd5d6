"""Exact values of every score."""

import numpy as np
import pytest

from cairn.evaluation import scoring
from cairn.hardware.errors import CairnError


def test_success_rate():
    assert scoring.success_rate([True, False, True, True]) == 0.75
    assert np.isnan(scoring.success_rate([]))


def test_failed_and_late_runs_count_with_the_whole_budget():
    times = scoring.capped_times([True, False, True], [30.0, 10.0, 500.0], budget=300.0)
    assert times.tolist() == [30.0, 300.0, 300.0]
    assert scoring.capped_mean_time([True, False, True], [30.0, 10.0, 500.0], 300.0) == 210.0


def test_spl_counts_detours_and_failures():
    # 20/40, failed, and a run that stopped 3 m short of the place: never above one
    spl = scoring.success_weighted_by_path_length([True, False, True], [40.0, 20.0, 17.0], [20.0, 20.0, 20.0])
    assert spl == pytest.approx((0.5 + 0.0 + 1.0) / 3)


def test_spl_ignores_what_a_failed_run_drove_even_if_unknown():
    assert scoring.success_weighted_by_path_length([False, True], [np.nan, 10.0], [10.0, 10.0]) == 0.5


def test_sct():
    sct = scoring.success_weighted_by_completion_time([True, True, False], [50.0, 25.0, 25.0], [25.0] * 3)
    assert sct == pytest.approx((0.5 + 1.0 + 0.0) / 3)


def test_collisions_are_weighed_by_distance():
    assert scoring.collisions_per_kilometre([1, 3], [100.0, 1900.0]) == 2.0
    assert np.isnan(scoring.collisions_per_kilometre([0], [0.0]))


def test_bad_input_is_named():
    with pytest.raises(CairnError, match=r"shapes \(2,\) and \(1,\)"):
        scoring.capped_times([True, False], [1.0], 10.0)
    with pytest.raises(CairnError, match=r"shortest path must be positive, got 0\.0"):
        scoring.path_efficiencies([True], [1.0], [0.0])
