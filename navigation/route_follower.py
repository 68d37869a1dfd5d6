"""Follow way points, round what stands in between."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.local_path import LocalPath
from cairn.navigation.local_planner import LocalPlanner, Steering
from cairn.navigation.pose import Pose
from cairn.navigation.segment import distances_to_segment

# The planner drives as fast as leads up to the point aimed at: far on, where the way is straight and clear.
_AIMS_AHEAD = (2.2, 1.4)
_CLEAR = 0.5


class RouteFollower:
    """Steers along the local path to the farthest way point that the local grid holds."""

    def __init__(self, planner: LocalPlanner) -> None:
        self._planner = planner
        self._path = LocalPath()

    def step(self, pose: Pose, route: list[tuple[float, float]], obstacles: NDArray[np.float64]) -> Steering:
        """One twist; `route` (its end last), `pose` and `obstacles` (N, 2) in the odometry frame."""
        path = self._path.find(pose, self._way_point(pose, route), obstacles)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
        for ahead in _AIMS_AHEAD:
            aim = path[min(int(np.searchsorted(along, ahead)), len(path) - 1)]
            if _is_clear(pose, aim, obstacles):
                break
        return self._planner.steer(pose, (float(aim[0]), float(aim[1])), obstacles)

    def _way_point(self, pose: Pose, route: list[tuple[float, float]]) -> tuple[float, float]:
        """The last point of the route before it leaves the grid."""
        dense = _dense([(pose.x, pose.y), *route])
        reach = self._path.reach * 0.9
        chosen = dense[-1]
        for point in dense:
            if max(abs(point[0] - pose.x), abs(point[1] - pose.y)) > reach:
                break
            chosen = point
        return chosen


def _is_clear(pose: Pose, aim: NDArray[np.float64], obstacles: NDArray[np.float64]) -> bool:
    """Whether the straight line from the robot to a point keeps away from all obstacles."""
    return not bool((distances_to_segment(obstacles, (pose.x, pose.y), aim) < _CLEAR).any())


def _dense(points: list[tuple[float, float]], gap: float = 0.5) -> list[tuple[float, float]]:
    """The same polyline with a point at least every `gap` metres."""
    result = [points[0]]
    for a, b in pairwise(points):
        count = max(1, int(hypot(b[0] - a[0], b[1] - a[1]) / gap))
        result += [
            (a[0] + (b[0] - a[0]) * k / count, a[1] + (b[1] - a[1]) * k / count) for k in range(1, count + 1)
        ]
    return result
