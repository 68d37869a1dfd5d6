"""Learned safety: what the policy's own range prediction allows."""

from __future__ import annotations

from math import radians

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist

_HALF_WIDTH = 0.35  # [m] of the robot plus what its path may stray
_STOP_RANGE = 0.7  # [m] from the camera to what is ahead
_FULL_SPEED_RANGE = 2.0  # [m]


class SectorSafety:
    """Slows and turns a robot by predicted free ranges, shape (S,) [m], left to right over `fov` degrees."""

    def __init__(self, sectors: int, fov: float) -> None:
        edges = radians(fov) * (0.5 - np.arange(sectors + 1) / sectors)
        self.bearings: NDArray[np.float64] = (edges[:-1] + edges[1:]) / 2

    def free_ahead(self, ranges: NDArray[np.float32], bearing: float = 0.0) -> float:
        """Metres the robot's full width can drive towards `bearing` [rad, left positive]."""
        lateral = np.abs(ranges * np.sin(self.bearings - bearing))
        forward = ranges * np.cos(self.bearings - bearing)
        blocking = (lateral < _HALF_WIDTH) & (forward > 0)
        nearest = int(np.argmin(np.abs(self.bearings - bearing)))
        return float(min(forward[blocking].min(initial=np.inf), ranges[nearest]))

    def freest_bearing(self, ranges: NDArray[np.float32]) -> float:
        """Direction [rad] with the longest free way, the most central of equals."""
        free = np.array([self.free_ahead(ranges, float(bearing)) for bearing in self.bearings])
        return float(self.bearings[int(np.argmax(free - 1e-3 * np.abs(self.bearings)))])

    def limit(self, twist: Twist, ranges: NDArray[np.float32]) -> Twist:
        """`twist` slowed as the way shortens; blocked, it turns on the spot to the freer side."""
        if twist.linear <= 0:
            return twist
        heading = 0.5 * twist.angular / max(twist.linear, 0.2)
        free = self.free_ahead(ranges, float(np.clip(heading, self.bearings.min(), self.bearings.max())))
        if free > _STOP_RANGE:
            scale = min(1.0, (free - _STOP_RANGE) / (_FULL_SPEED_RANGE - _STOP_RANGE) + 0.15)
            return Twist(twist.linear * scale, twist.angular)
        side = float(np.sign(self.freest_bearing(ranges)) or 1.0)
        return Twist(0.0, side * max(abs(twist.angular), 0.8))
