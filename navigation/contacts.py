"""What was touched and cannot be seen: kerbs, posts, glass."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.pose import Pose, wrap_angle
from cairn.navigation.segment import crosses_any, distances_to_segment

_REACH = 0.42  # [m] from the middle of the hull to what it touched
_HALF = 0.35  # [m] of a barrier to either side of the one contact that is known of it
_JOINED = 4.5  # [m] between two contacts of one kerb or wall
_ALIKE = 0.6  # [rad] by which its parts may seem to differ in direction
_SPACING = 0.2  # [m] between the points that stand for a barrier


class ContactMemory:
    """Barriers in `map`, for as long as the search lasts.

    The robot touched them because no view shows them, so no view may overrule them.  One contact tells of a
    hull's width; two in line with each other, a few metres apart, are taken for two of one kerb.
    """

    def __init__(self) -> None:
        self._contacts: list[Pose] = []
        self._segments: list[NDArray[np.float64]] = []

    def __len__(self) -> int:
        return len(self._contacts)

    @property
    def barriers(self) -> NDArray[np.float64]:
        """Their two ends [m], shape (B, 2, 2)."""
        return np.array(self._segments).reshape(-1, 2, 2)

    def add(self, pose: Pose, forward: bool) -> None:
        """The robot touched something at `pose` while it drove forward, or back."""
        reach = _REACH if forward else -_REACH
        x, y = pose.x + reach * cos(pose.yaw), pose.y + reach * sin(pose.yaw)
        here = np.array([x, y])
        along = _HALF * np.array([-sin(pose.yaw), cos(pose.yaw)])
        self._segments.append(np.stack([here - along, here + along]))
        for other in self._contacts:
            there = np.array([other.x, other.y])
            link = here - there
            length = float(np.hypot(*link))
            direction = float(np.arctan2(link[1], link[0])) + pi / 2
            if 0.1 < length < _JOINED and all(_parallel(direction, yaw) for yaw in (pose.yaw, other.yaw)):
                self._segments.append(np.stack([there, here]))
        self._contacts.append(Pose(x, y, pose.yaw))

    def block(self, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the straight ways between places, both of shape (N, 2), lead through a barrier."""
        return crosses_any(starts, ends, self.barriers)

    def points_near(self, place: tuple[float, float], radius: float) -> NDArray[np.float64]:
        """Points [m] along the barriers not farther away than `radius`, shape (K, 2)."""
        points = [np.zeros((0, 2))]
        for a, b in self._segments:
            if distances_to_segment(np.array([place]), a, b)[0] < radius:
                count = max(2, round(float(np.hypot(*(b - a))) / _SPACING) + 1)
                points.append(np.linspace(a, b, count))
        return np.concatenate(points)


def _parallel(a: float, b: float) -> bool:
    """Whether two directions [rad], whichever way round, are nearly the same."""
    difference = abs(wrap_angle(a - b))
    return min(difference, pi - difference) < _ALIKE
