"""Planar poses (REP-103: x forward, y left, yaw counter-clockwise) and their algebra."""

from __future__ import annotations

from math import atan2, cos, hypot, isfinite, pi, sin
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Pose(NamedTuple):
    """`T_parent_child`: x, y [m] and yaw [rad] of a frame in its parent; `a @ b` chains, as matrices do."""

    x: float = 0.0
    y: float = 0.0
    yaw: float = 0.0

    def __matmul__(self, other: tuple[float, float, float]) -> Pose:
        c, s = cos(self.yaw), sin(self.yaw)
        x, y, yaw = other
        return Pose(self.x + c * x - s * y, self.y + s * x + c * y, wrap_angle(self.yaw + yaw))

    @property
    def inverse(self) -> Pose:
        c, s = cos(self.yaw), sin(self.yaw)
        return Pose(-c * self.x - s * self.y, s * self.x - c * self.y, -self.yaw)

    @property
    def distance(self) -> float:
        """Metres from the parent's origin."""
        return hypot(self.x, self.y)

    @property
    def bearing(self) -> float:
        """Direction as seen from the parent [rad], left positive."""
        return atan2(self.y, self.x)

    @property
    def is_finite(self) -> bool:
        return isfinite(self.x) and isfinite(self.y) and isfinite(self.yaw)


def wrap_angle(angle: float) -> float:
    """The same angle in [-pi, pi)."""
    return (angle + pi) % (2 * pi) - pi


def wrap_angles(angles: Array) -> Array:
    """The same angles in [-pi, pi), any shape."""
    return np.asarray((angles + pi) % (2 * pi) - pi)


def compose(a: Array, b: Array) -> Array:
    """`T_a @ T_b` for arrays of poses, shapes (..., 3) that broadcast."""
    c, s = np.cos(a[..., 2]), np.sin(a[..., 2])
    out = a + b
    out[..., 0] = a[..., 0] + c * b[..., 0] - s * b[..., 1]
    out[..., 1] = a[..., 1] + s * b[..., 0] + c * b[..., 1]
    out[..., 2] = wrap_angles(out[..., 2])
    return out


def between(a: Array, b: Array) -> Array:
    """`T_a^-1 @ T_b`: b as seen from a, for arrays of poses, shapes (..., 3) that broadcast."""
    c, s = np.cos(a[..., 2]), np.sin(a[..., 2])
    out = b - a
    dx, dy = out[..., 0].copy(), out[..., 1]
    out[..., 0], out[..., 1] = c * dx + s * dy, c * dy - s * dx
    out[..., 2] = wrap_angles(out[..., 2])
    return out


def inverse(a: Array) -> Array:
    """`T_a^-1` for an array of poses, shape (..., 3)."""
    return between(a, np.zeros_like(a))
