"""The ground that a robot may not leave."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, inf, pi, sin

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError

SMALLEST_AREA = 9.0
"""A robot can't drive and turn in less [m^2]."""
_CORNERS = 48


class Geofence:
    """A simple polygon in `odom`.  Raises CairnError.

    Args:
        vertices: corners in order [m], at least three.
    """

    def __init__(self, vertices: Sequence[tuple[float, float]]) -> None:
        corners = np.array(vertices, np.float64)
        if corners.ndim != 2 or corners.shape[1:] != (2,) or len(corners) < 3:
            raise CairnError(f"a geofence needs at least three corners (x, y), got {list(vertices)}")
        if not np.isfinite(corners).all():
            raise CairnError(f"a geofence's corners must be finite, got {list(vertices)}")
        self._from = corners
        self._edges: NDArray[np.float64] = np.roll(corners, -1, axis=0) - corners
        x, y = corners[:, 0], corners[:, 1]
        area = abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
        if area < SMALLEST_AREA:
            raise CairnError(f"a geofence must enclose at least {SMALLEST_AREA:g} m^2, got {area:.1f}")

    @classmethod
    def circle(cls, x: float, y: float, radius: float) -> Geofence:
        """About a point, all in metres."""
        angles = np.arange(_CORNERS) / _CORNERS * 2 * pi
        return cls([(x + radius * cos(angle), y + radius * sin(angle)) for angle in angles])

    @classmethod
    def parse(cls, numbers: Sequence[float]) -> Geofence:
        """From x0, y0, x1, y1 ... as parameters have it."""
        if len(numbers) % 2:
            raise CairnError(f"a geofence needs pairs x, y, got {len(numbers)} numbers")
        return cls([(numbers[i], numbers[i + 1]) for i in range(0, len(numbers), 2)])

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        below = self._from[:, 1] <= y
        crosses = below != np.roll(below, -1)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = self._from[:, 0] + (y - self._from[:, 1]) / self._edges[:, 1] * self._edges[:, 0]
        return bool(np.count_nonzero(crosses & (at > x)) % 2)

    def room(self, x: float, y: float, heading: float) -> float:
        """Metres from a point inside to the fence along a heading [rad]; 0 outside."""
        if not self.contains(x, y):
            return 0.0
        dx, dy = cos(heading), sin(heading)
        ex, ey = self._edges[:, 0], self._edges[:, 1]
        px, py = self._from[:, 0] - x, self._from[:, 1] - y
        across = dx * ey - dy * ex
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = (px * ey - py * ex) / across
            along = (px * dy - py * dx) / across
        hits = ahead[(along >= -1e-9) & (along <= 1 + 1e-9) & (ahead >= 0)]
        return float(hits.min()) if hits.size else inf

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the fence itself that is nearest."""
        lengths = np.maximum(np.einsum("ij,ij->i", self._edges, self._edges), 1e-12)
        offset = np.array((x, y)) - self._from
        share = np.clip(np.einsum("ij,ij->i", offset, self._edges) / lengths, 0, 1)
        points = self._from + share[:, None] * self._edges
        best = points[np.argmin(np.hypot(points[:, 0] - x, points[:, 1] - y))]
        return float(best[0]), float(best[1])

    def excess(self, x: float, y: float) -> float:
        """Metres by which a point lies outside; 0 inside."""
        if self.contains(x, y):
            return 0.0
        nx, ny = self.nearest(x, y)
        return hypot(x - nx, y - ny)
