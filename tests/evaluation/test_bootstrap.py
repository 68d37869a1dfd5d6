"""Intervals against values known in closed form."""

import numpy as np
import pytest

from cairn.evaluation import bootstrap
from cairn.hardware.errors import CairnError


def test_a_constant_has_a_point_interval():
    assert bootstrap.interval_of_mean([0.5] * 10) == (0.5, 0.5)


def test_interval_of_a_proportion_is_the_binomial_one():
    # 95 % of Binomial(50, 0.8)/50 lies between its quantiles 34/50 and 45/50
    low, high = bootstrap.interval_of_mean([1.0] * 40 + [0.0] * 10)
    assert low == pytest.approx(0.68, abs=0.021)
    assert high == pytest.approx(0.90, abs=0.021)


def test_interval_of_a_mean_agrees_with_the_normal_one():
    values = np.random.default_rng(3).normal(10, 2, 400)
    low, high = bootstrap.interval_of_mean(values)
    half = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - half, abs=0.02)
    assert high == pytest.approx(values.mean() + half, abs=0.02)


def test_the_same_arguments_give_the_same_interval():
    values = np.random.default_rng(0).exponential(1, 30)
    assert bootstrap.interval_of_mean(values, seed=4) == bootstrap.interval_of_mean(values, seed=4)
    assert bootstrap.interval_of_mean(values, seed=4) != bootstrap.interval_of_mean(values, seed=5)


def test_pairing_removes_what_worlds_share():
    world = np.random.default_rng(1).uniform(10, 1000, 50)
    assert bootstrap.ratio_of_means(world, 2 * world) == 0.5
    low, high = bootstrap.interval_of_paired_ratio(world, 2 * world)
    assert low == pytest.approx(0.5)
    assert high == pytest.approx(0.5)


def test_a_ratio_of_sums_is_resampled_by_world():
    collisions, metres = np.array([2.0, 2.0, 2.0]), np.array([1000.0, 1000.0, 1000.0])
    interval = bootstrap.interval_of(lambda drawn: collisions[drawn].sum() / metres[drawn].sum(), worlds=3)
    assert interval == (0.002, 0.002)


def test_nothing_to_resample():
    assert all(np.isnan(bootstrap.interval_of_mean([])))
    with pytest.raises(CairnError, match="at least one world, got 0"):
        bootstrap.resample_worlds(0)


def test_unpaired_worlds_are_refused():
    with pytest.raises(CairnError, match="same worlds, got 2 and 1"):
        bootstrap.interval_of_paired_ratio([1, 2], [1])
