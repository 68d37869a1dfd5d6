"""Follow way points, round what stands in between."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.local_path import LocalPath
from cairn.navigation.local_planner import LocalPlanner, Steering
from cairn.navigation.pose import Pose

_AIM_AHEAD = 1.4


class RouteFollower:
    """Steers along the local path to the farthest way point that the local grid holds."""

    def __init__(self, planner: LocalPlanner) -> None:
        self._planner = planner
        self._path = LocalPath()

    def step(self, pose: Pose, route: list[tuple[float, float]], obstacles: NDArray[np.float64]) -> Steering:
        """One twist; `route` (its end last), `pose` and `obstacles` (N, 2) in the odometry frame."""
        path = self._path.find(pose, self._way_point(pose, route), obstacles)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
        aim = path[min(int(np.searchsorted(along, _AIM_AHEAD)), len(path) - 1)]
        return self._planner.steer(pose, (float(aim[0]), float(aim[1])), obstacles)

    def _way_point(self, pose: Pose, route: list[tuple[float, float]]) -> tuple[float, float]:
        """The last point of the route before it leaves the grid, seen from where the robot is on it."""
        dense = _dense([(pose.x, pose.y), *route])
        reach = self._path.reach * 0.9
        chosen = dense[-1]
        nearest = min(range(len(dense)), key=lambda i: hypot(dense[i][0] - pose.x, dense[i][1] - pose.y))
        for point in dense[nearest:]:
            if max(abs(point[0] - pose.x), abs(point[1] - pose.y)) > reach:
                break
            chosen = point
        return chosen


def _dense(points: list[tuple[float, float]], gap: float = 0.5) -> list[tuple[float, float]]:
    """The same polyline with a point at least every `gap` metres."""
    result = [points[0]]
    for a, b in pairwise(points):
        count = max(1, int(hypot(b[0] - a[0], b[1] - a[1]) / gap))
        result += [
            (a[0] + (b[0] - a[0]) * k / count, a[1] + (b[1] - a[1]) * k / count) for k in range(1, count + 1)
        ]
    return result
