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


def crosses_any(
    starts: NDArray[np.float64], ends: NDArray[np.float64], segments: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether each line from `starts` to `ends`, both (N, 2), crosses any of `segments`, shape (B, 2, 2)."""
    a, b = starts[:, None], ends[:, None]
    c, d = segments[None, :, 0], segments[None, :, 1]
    apart = _side(a, b, c) * _side(a, b, d) < 0
    crossed = apart & (_side(c, d, a) * _side(c, d, b) < 0)
    return np.asarray(crossed.any(1))


def _side(a: NDArray[np.float64], b: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positive where `point` lies to the left of the line from `a` to `b`; broadcasts."""
    line, to = b - a, point - a
    return np.asarray(line[..., 0] * to[..., 1] - line[..., 1] * to[..., 0])
