"""What stood around the robot a moment ago."""

from __future__ import annotations

from math import radians

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.pose import Pose

RELIABLE_RANGE = 6.0
_FORGET_AFTER = 40.0
_FORGET_BEYOND = 8.0
_FEEL_FOR = 90.0


class LocalMap:
    """Obstacle points in the odometry frame, from predicted sector ranges of the last seconds.

    A camera sees only what is ahead: while the robot passes a corner, the corner has left the picture and
    lives on here.  Points inside the present view that it contradicts are dropped.
    """

    def __init__(self, horizontal_fov: float) -> None:
        """`horizontal_fov` in degrees."""
        self._half = radians(horizontal_fov) / 2
        self._points = np.zeros((0, 2))
        self._stamps = np.zeros(0)
        self._felt: list[tuple[NDArray[np.float64], float]] = []

    @property
    def points(self) -> NDArray[np.float64]:
        """Obstacle points, shape (N, 2), metres in the odometry frame."""
        return np.concatenate([self._points, *(points for points, _ in self._felt)])

    def clear(self) -> None:
        self._points, self._stamps = np.zeros((0, 2)), np.zeros(0)
        self._felt = []

    def update(self, pose: Pose, ranges: NDArray[np.float32], now: float) -> None:
        """Merge sector ranges [m], left to right over the field of view, measured from `pose`."""
        self._felt = [(points, since) for points, since in self._felt if now - since < _FEEL_FOR]
        offset = self._points - (pose.x, pose.y)
        distance = np.hypot(offset[:, 0], offset[:, 1])
        bearing = np.arctan2(offset[:, 1], offset[:, 0]) - pose.yaw
        bearing = (bearing + np.pi) % (2 * np.pi) - np.pi
        sector = ((self._half - bearing) / (2 * self._half) * len(ranges)).astype(int)
        in_view = (np.abs(bearing) < self._half * 0.98) & (sector >= 0) & (sector < len(ranges))
        free = ranges[np.clip(sector, 0, len(ranges) - 1)]
        contradicted = in_view & (distance < free - 0.4) & (distance > 0.45)
        # What the view shows now replaces what was remembered in the same direction.
        replaced = in_view & (distance > 0.45)
        keep = ~(contradicted | replaced)
        keep &= (now - self._stamps < _FORGET_AFTER) & (distance < _FORGET_BEYOND)
        step = 2 * self._half / len(ranges)
        angles = pose.yaw + self._half - (np.arange(len(ranges)) + 0.5) * step
        near = ranges < RELIABLE_RANGE
        fresh = np.stack([pose.x + ranges * np.cos(angles), pose.y + ranges * np.sin(angles)], -1)[near]
        self._points = np.concatenate([self._points[keep], fresh])
        self._stamps = np.concatenate([self._stamps[keep], np.full(len(fresh), now)])

    def bumped(self, pose: Pose, forward: bool, now: float) -> None:
        """Remember an obstacle that was felt, right before (or behind) the hull.

        It was not seen, or the robot would not have touched it: so views do not overrule it.
        """
        reach = 0.42 if forward else -0.42
        across = np.linspace(-0.2, 0.2, 5)
        c, s = np.cos(pose.yaw), np.sin(pose.yaw)
        points = np.stack([pose.x + c * reach - s * across, pose.y + s * reach + c * across], -1)
        self._felt.append((points, now))
