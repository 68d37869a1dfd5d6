"""Shortest paths without the corners of their grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.truth_map import TruthMap


def taut(path: NDArray[np.float64], truth: TruthMap) -> NDArray[np.float64]:
    """The path (N, 2) with every detour pulled straight that free space allows, shape (M <= N, 2).

    A path over an eight-connected grid is up to 8 % longer than the way a robot can drive, and would
    flatter SPL and SCT.
    """
    if len(path) < 3:
        return path
    kept = [0]
    while kept[-1] < len(path) - 1:
        here, low, high = kept[-1], kept[-1] + 1, len(path) - 1
        # The reach of straight lines is not monotonic, but the first obstacle met by bisection is a corner.
        while low < high:
            middle = (low + high + 1) // 2
            if _is_straight_free(path[here], path[middle], truth):
                low = middle
            else:
                high = middle - 1
        kept.append(low)
    return path[kept]


def path_length(path: NDArray[np.float64]) -> float:
    """Metres along a polyline, shape (N, 2); infinite when it has no point."""
    return float(np.hypot(*np.diff(path, axis=0).T).sum()) if len(path) else float("inf")


def _is_straight_free(a: NDArray[np.float64], b: NDArray[np.float64], truth: TruthMap) -> bool:
    grid = truth.grid
    count = max(2, int(np.ceil(np.hypot(*(b - a)) / (grid.resolution / 2))))
    points = np.linspace(a, b, count)
    columns, rows = np.floor((points - grid.origin) / grid.resolution).astype(int).T
    inside = (rows >= 0) & (rows < grid.shape[0]) & (columns >= 0) & (columns < grid.shape[1])
    return bool(inside.all() and truth.free[rows, columns].all())
