"""Intervals by resampling worlds (percentile bootstrap, Efron & Tibshirani 1993, ch. 13)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cairn.hardware.errors import CairnError

RESAMPLES = 10_000
LEVEL = 0.95

Interval = tuple[float, float]


def resample_worlds(worlds: int, resamples: int = RESAMPLES, seed: int = 0) -> NDArray[np.intp]:
    """Indices of drawn worlds, shape (resamples, worlds); the same for the same arguments."""
    if worlds < 1:
        raise CairnError(f"a bootstrap needs at least one world, got {worlds}")
    return np.random.default_rng(seed).integers(0, worlds, (resamples, worlds))


def interval_of_mean(values: ArrayLike, seed: int = 0) -> Interval:
    """95 % interval of the mean of `values`, shape (worlds,); NaNs for no world at all."""
    numbers = _one_a_world(values)
    if not numbers.size:
        return (float("nan"), float("nan"))
    return percentile_interval(numbers[resample_worlds(numbers.size, seed=seed)].mean(axis=1))


def interval_of(statistic: Callable[[NDArray[np.intp]], float], worlds: int, seed: int = 0) -> Interval:
    """95 % interval of any statistic of the drawn worlds' indices, e.g. a ratio of sums."""
    return percentile_interval(np.array([statistic(draw) for draw in resample_worlds(worlds, 2_000, seed)]))


def ratio_of_means(numerator: ArrayLike, denominator: ArrayLike) -> float:
    """mean(numerator) / mean(denominator); NaN where the denominator's mean is zero or nothing is there."""
    above, below = _one_a_world(numerator), _one_a_world(denominator)
    if above.shape != below.shape:
        raise CairnError(f"a paired ratio needs the same worlds, got {above.size} and {below.size}")
    return float(above.mean() / below.mean()) if below.size and below.mean() != 0 else float("nan")


def interval_of_paired_ratio(numerator: ArrayLike, denominator: ArrayLike, seed: int = 0) -> Interval:
    """95 % interval of `ratio_of_means`: each draw takes the same worlds above and below the line."""
    above, below = _one_a_world(numerator), _one_a_world(denominator)
    if above.shape != below.shape:
        raise CairnError(f"a paired ratio needs the same worlds, got {above.size} and {below.size}")
    if not above.size:
        return (float("nan"), float("nan"))
    draws = resample_worlds(above.size, seed=seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        return percentile_interval(above[draws].mean(axis=1) / below[draws].mean(axis=1))


def percentile_interval(statistics: ArrayLike) -> Interval:
    """The central 95 % of the finite entries; NaNs where none is finite."""
    values = np.asarray(statistics, float)
    values = values[np.isfinite(values)]
    if not values.size:
        return (float("nan"), float("nan"))
    low, high = np.percentile(values, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return (float(low), float(high))


def _one_a_world(values: ArrayLike) -> NDArray[np.float64]:
    numbers = np.asarray(values, float)
    if numbers.ndim != 1:
        raise CairnError(f"a bootstrap over worlds needs one value a world, got shape {numbers.shape}")
    return numbers
