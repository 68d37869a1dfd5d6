"""Corners to a fraction of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_LEAST, _MOST = 2, 8  # half side of the window [pixels]
_ROUNDS = 5
_TOLERANCE = 5.0  # medians
_CLOSE = 0.4  # [pixels] never astray


def refine_corners(
    gray: NDArray[np.uint8],
    ids: NDArray[np.int64],
    pixels: NDArray[np.float64],
    columns: int,
    reach: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Corners of a chessboard, each refined within a window that shows nothing but its own four edges.

    OpenCV's own refinement of ChArUco boards lets the window cover parts of markers where squares are small
    in the image, which draws corners away by a pixel.  Corners that don't fit between their neighbours are
    left out.

    Args:
        gray: image (height, width).
        ids: of inner corners, shape (n,), counted along rows of `columns`.
        pixels: first guess, shape (n, 2).
        reach: what of a square's side lies between a corner and the nearest marker.

    Returns:
        ids and pixels of those kept.
    """
    spacing = _spacing(ids, pixels, columns)
    windows = np.clip(np.nan_to_num(spacing * reach * 1.2, nan=_LEAST).astype(int), _LEAST, _MOST)
    found = _refined(gray, pixels, windows)
    expected, limit = _smooth(ids, found, columns)
    astray = np.linalg.norm(found - expected, axis=1) > limit
    if astray.any():
        found[astray] = _refined(gray, expected[astray], windows[astray])
        expected, limit = _smooth(ids, found, columns)
    fits = np.linalg.norm(found - expected, axis=1) <= limit
    return ids[fits], found[fits]


def _refined(
    gray: NDArray[np.uint8], pixels: NDArray[np.float64], windows: NDArray[np.int64]
) -> NDArray[np.float64]:
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-3)
    refined = np.asarray(pixels, np.float32).reshape(-1, 1, 2).copy()
    for window in np.unique(windows):
        chosen = windows == window
        half = (int(window), int(window))
        refined[chosen] = cv2.cornerSubPix(gray, refined[chosen], half, (-1, -1), criteria)
    return np.asarray(refined.reshape(-1, 2), np.float64)


def _smooth(
    ids: NDArray[np.int64], pixels: NDArray[np.float64], columns: int
) -> tuple[NDArray[np.float64], float]:
    """Where a smooth picture of the board has its corners, and how far one may be from there [pixels]."""
    x, y = ids % columns / columns - 0.5, ids // columns / columns - 0.5
    order = 3 if len(ids) >= 20 else 2 if len(ids) >= 12 else 1
    terms = np.stack([x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)], axis=1)
    weight = np.ones(len(ids))
    expected, scale = pixels, 0.0
    for _ in range(_ROUNDS):
        solution = np.linalg.lstsq(terms * weight[:, None], pixels * weight[:, None], rcond=None)[0]
        expected = terms @ solution
        away = np.linalg.norm(pixels - expected, axis=1)
        scale = float(np.median(away))
        weight = np.sqrt(1 / (1 + (away / max(2 * scale, 0.05)) ** 2))
    return expected, max(_TOLERANCE * scale, _CLOSE)


def _spacing(ids: NDArray[np.int64], pixels: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Way to the nearest neighbour [pixels], shape (n,), NaN for a corner on its own."""
    grid = np.full((int(ids.max()) // columns + 3, columns + 2, 2), np.nan)
    row, column = ids // columns + 1, ids % columns + 1
    grid[row, column] = pixels
    near = (grid[row, column - 1], grid[row, column + 1], grid[row - 1, column], grid[row + 1, column])
    ways = [np.linalg.norm(other - pixels, axis=1) for other in near]
    nearest = np.min(np.where(np.isnan(ways), np.inf, ways), axis=0)
    return np.where(np.isinf(nearest), np.nan, nearest)
