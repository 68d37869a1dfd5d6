"""How far points are from a straight line between two places."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def distances_to_segment(
    points: NDArray[np.float64], start: ArrayLike, end: ArrayLike
) -> NDArray[np.float64]:
    """Metres from each point, shape (N, 2), to the nearest place between `start` and `end`, shape (N,)."""
    first = np.asarray(start, np.float64)
    line = np.asarray(end, np.float64) - first
    share = np.clip((points - first) @ line / max(float(line @ line), 1e-9), 0, 1)
    return np.asarray(np.hypot(*(first + share[:, None] * line - points).T))
