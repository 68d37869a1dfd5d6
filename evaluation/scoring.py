"""Scores of search and navigation runs, each a plain function of plain arrays.

Every array has shape (N,), one entry a run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cairn.hardware.errors import CairnError


def success_rate(success: ArrayLike) -> float:
    """Share of runs that succeeded, in [0, 1]; NaN of no runs."""
    flags = np.asarray(success, bool)
    return float(flags.mean()) if flags.size else float("nan")


def capped_times(success: ArrayLike, seconds: ArrayLike, budget: float) -> NDArray[np.float64]:
    """Time of each run [s]; a run that failed, or took longer, counts with the whole `budget` [s]."""
    flags, times = _paired(success, seconds)
    return np.where(flags, np.minimum(times, budget), budget)


def capped_mean_time(success: ArrayLike, seconds: ArrayLike, budget: float) -> float:
    """Mean of `capped_times` [s]: no method looks quick because it gave up on the hard worlds."""
    times = capped_times(success, seconds, budget)
    return float(times.mean()) if times.size else float("nan")


def path_efficiencies(success: ArrayLike, driven: ArrayLike, shortest: ArrayLike) -> NDArray[np.float64]:
    """S l / max(p, l) of each run, lengths in metres."""
    return _efficiencies(success, driven, shortest, "shortest path")


def success_weighted_by_path_length(success: ArrayLike, driven: ArrayLike, shortest: ArrayLike) -> float:
    """SPL = mean(S l / max(p, l)) (Anderson et al. 2018, arXiv 1807.06757), lengths in metres."""
    values = path_efficiencies(success, driven, shortest)
    return float(values.mean()) if values.size else float("nan")


def time_efficiencies(success: ArrayLike, seconds: ArrayLike, fastest: ArrayLike) -> NDArray[np.float64]:
    """S T / max(C, T) of each run, times in seconds."""
    return _efficiencies(success, seconds, fastest, "fastest time")


def success_weighted_by_completion_time(success: ArrayLike, seconds: ArrayLike, fastest: ArrayLike) -> float:
    """SCT = mean(S T / max(C, T)) (Yokoyama et al. 2021, arXiv 2103.08022), times in seconds.

    Cairn takes for T the shortest path at cruise speed: no turn on the spot and no acceleration is
    granted, so its SCT is a lower bound of one with T from unicycle dynamics.
    """
    values = time_efficiencies(success, seconds, fastest)
    return float(values.mean()) if values.size else float("nan")


def collisions_per_kilometre(collisions: ArrayLike, metres: ArrayLike) -> float:
    """All collisions over all distance: long runs weigh more; NaN where nothing moved."""
    total = float(np.sum(np.asarray(metres, float)))
    return float(np.sum(np.asarray(collisions, float))) / total * 1000 if total > 0 else float("nan")


def _efficiencies(success: ArrayLike, spent: ArrayLike, least: ArrayLike, name: str) -> NDArray[np.float64]:
    flags, needed = _paired(success, least)
    _, used = _paired(success, spent)
    if not (needed > 0).all():
        raise CairnError(f"every {name} must be positive, got {needed[~(needed > 0)][0]}")
    return flags * needed / np.maximum(np.where(flags, used, needed), needed)


def _paired(success: ArrayLike, values: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    flags, numbers = np.asarray(success, bool), np.asarray(values, float)
    if flags.ndim != 1 or flags.shape != numbers.shape:
        raise CairnError(f"scores need one value a run, got shapes {flags.shape} and {numbers.shape}")
    return flags, numbers
