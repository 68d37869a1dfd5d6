"""Where a robot can go: an occupancy raster that guards the passages while a world is furnished."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.worlds.geometry import Array, Rect

RESOLUTION = 0.25
"""Metres a cell."""
PASSAGE_CELLS = 2.9
"""Cells to the nearest obstacle on the midline of a passage of about 1.5 m."""


class FreeSpace:
    """Occupancy at 0.25 m inside the geofence; 1 = blocked by something higher than 4 cm."""

    def __init__(self, bounds: Rect) -> None:
        self.bounds = bounds
        shape = (round(bounds.height / RESOLUTION), round(bounds.width / RESOLUTION))
        self.blocked = np.zeros(shape, np.uint8)
        self.reserved = np.zeros(shape, np.uint8)
        self._region: NDArray[np.bool_] | None = None

    def block(self, polygon: Array) -> None:
        """Mark a convex polygon, shape (n, 2) in metres, as an obstacle."""
        self._fill(self.blocked, polygon)
        self._region = None

    def reserve(self, polygon: Array) -> None:
        """Keep a convex polygon (a gate, a doorway) clear of later furniture."""
        self._fill(self.reserved, polygon)

    def is_free(self, polygon: Array) -> bool:
        """Whether nothing stands in or is reserved in the polygon and it lies inside the bounds."""
        if (polygon < (self.bounds.x0, self.bounds.y0)).any():
            return False
        if (polygon > (self.bounds.x1, self.bounds.y1)).any():
            return False
        mask = np.zeros_like(self.blocked)
        self._fill(mask, polygon)
        return not bool((mask & (self.blocked | self.reserved)).any())

    def keeps_passages(self, polygon: Array) -> bool:
        """Whether blocking the polygon leaves all other free places connected by passages of 1.5 m."""
        near = np.zeros_like(self.blocked)
        self._fill(near, polygon)
        around = cv2.dilate(near, np.ones((17, 17), np.uint8)).astype(np.uint8)
        if not (around & self.blocked).any() and not _touches_border(around):
            return True  # Two metres clear all around: nothing can be cut off.
        before = self.main_region()
        after = _largest(np.maximum(self.blocked, near))
        lost = before & ~after & ~cv2.dilate(near, np.ones((9, 9), np.uint8)).astype(bool)
        return int(lost.sum()) <= 12

    def connected_share(self, clearance: float = 0.4) -> float:
        """Share of the places with this clearance in metres that belong to the largest connected region."""
        padded = np.pad(self.blocked, 1, constant_values=1)
        distance = cv2.distanceTransform(1 - padded, cv2.DIST_L2, 5) * RESOLUTION
        free = (distance > clearance).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
        areas = stats[1:, cv2.CC_STAT_AREA]
        return float(areas.max() / areas.sum()) if len(areas) else 0.0

    def main_region(self) -> NDArray[np.bool_]:
        """Cells of the largest region that passages of 1.5 m connect, shape (rows, columns), row 0 = ymin."""
        if self._region is None:
            self._region = _largest(self.blocked)
        return self._region

    def cell_center(self, row: int, column: int) -> tuple[float, float]:
        return self.bounds.x0 + (column + 0.5) * RESOLUTION, self.bounds.y0 + (row + 0.5) * RESOLUTION

    def _fill(self, mask: NDArray[np.uint8], polygon: Array) -> None:
        cells = (np.asarray(polygon) - (self.bounds.x0, self.bounds.y0)) / RESOLUTION - 0.5
        cv2.fillConvexPoly(mask, np.round(cells * 16).astype(np.int32), 1, shift=4)


def _largest(blocked: NDArray[np.uint8]) -> NDArray[np.bool_]:
    padded = np.pad(blocked, 1, constant_values=1)
    wide = (cv2.distanceTransform(1 - padded, cv2.DIST_L2, 5) >= PASSAGE_CELLS).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=4)
    if count < 2:
        return np.zeros(blocked.shape, bool)
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.asarray(labels[1:-1, 1:-1] == best)


def _touches_border(mask: NDArray[np.uint8]) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())
