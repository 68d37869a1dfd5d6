"""Where unseen ground may lie: free directions of remembered views that lead away from all of them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.policies.sectors import sector_bearings

_CELL = 0.5
_MAX_CELLS = 1024


@dataclass(frozen=True)
class Frontiers:
    """M candidates, arrays aligned.

    Attributes:
        rows: of the node in the poses given, shape (M,).
        bearings: of the candidate in the node's `base_link` [rad], left positive, shape (M,).
        distances: from the node [m], shape (M,).
        points: x, y in `map` [m], shape (M, 2).
        novelty: metres to the nearest remembered position, shape (M,).
    """

    rows: NDArray[np.intp]
    bearings: NDArray[np.float64]
    distances: NDArray[np.float64]
    points: NDArray[np.float64]
    novelty: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rows)


def frontier_candidates(
    poses: NDArray[np.float64],
    ranges: NDArray[np.float32],
    horizontal_fov: float,
    *,
    radius: float = 3.0,
    reach: float = 6.0,
    margin: float = 0.5,
    seen: NDArray[np.float64] | None = None,
) -> Frontiers:
    """The farthest free point of every sector of every view, where it is new.

    Args:
        poses: of the nodes in `map`, shape (N, 3).
        ranges: predicted free distance [m] by sector, left to right, shape (N, S); clipped to `reach`.
        horizontal_fov: degrees spanned by the sectors.
        radius: metres that a candidate keeps from every remembered position.
        reach: metres up to which a prediction is trusted.
        margin: metres kept from what ends the free space.
        seen: further positions already visited, shape (P, 2).

    Distances to remembered positions come from a grid of .5 m (coarser only for maps above 512 m), so
    `radius` holds to within a cell.  Raises CairnError for shapes or fields of view that don't fit.
    """
    if poses.ndim != 2 or poses.shape[1] != 3 or ranges.ndim != 2 or len(ranges) != len(poses):
        raise CairnError(f"expected poses (N, 3) and ranges (N, S), got {poses.shape} and {ranges.shape}")
    if not 0 < horizontal_fov <= 360:
        raise CairnError(f"a horizontal field of view lies in (0, 360] degrees, got {horizontal_fov}")
    sectors = sector_bearings(ranges.shape[1], horizontal_fov)
    distance = np.minimum(ranges, np.float32(reach)) - np.float32(margin)
    # A point nearer to its own node than `radius` can't be new.
    rows, columns = np.nonzero(distance >= radius)
    bearing, far = sectors[columns], distance[rows, columns].astype(np.float64)
    # Sines of sums from sines of the terms: N + S of them instead of N * S.
    c, s, cb, sb = np.cos(poses[:, 2]), np.sin(poses[:, 2]), np.cos(sectors), np.sin(sectors)
    x = poses[rows, 0] + far * (c[rows] * cb[columns] - s[rows] * sb[columns])
    y = poses[rows, 1] + far * (s[rows] * cb[columns] + c[rows] * sb[columns])
    known = poses[:, :2] if seen is None else np.concatenate((poses[:, :2], seen))
    novelty = _distance_to_known(known, x, y, reach)
    new = novelty >= radius
    points = np.stack((x[new], y[new]), axis=1)
    return Frontiers(rows[new], bearing[new], far[new], points, novelty[new])


def _distance_to_known(
    known: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], reach: float
) -> NDArray[np.float32]:
    """Metres from points at most `reach` from a known position to the nearest one, shape (len(x),)."""
    if len(x) == 0:
        return np.zeros(0, np.float32)
    low, high = known.min(axis=0) - reach, known.max(axis=0) + reach
    cell = max(_CELL, float((high - low).max()) / (_MAX_CELLS - 1))
    width, height = ((high - low) // cell + 1).astype(int).tolist()
    free = np.full((height, width), 255, np.uint8)
    column, row = ((known - low) // cell).astype(np.intp).T
    free[row, column] = 0
    metres = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    column, row = ((x - low[0]) / cell).astype(np.intp), ((y - low[1]) / cell).astype(np.intp)
    found: NDArray[np.float32] = metres[row, column] * np.float32(cell)
    return found
