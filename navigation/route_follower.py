"""Follow way points, cutting corners where it is free."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.local_planner import LocalPlanner, Steering
from cairn.navigation.pose import Pose

_LOOK_AHEAD = 4.5
_CORRIDOR = 0.5


class RouteFollower:
    """Steers towards the farthest point of the route that is near and in a free straight line."""

    def __init__(self, planner: LocalPlanner) -> None:
        self._planner = planner

    def step(self, pose: Pose, route: list[tuple[float, float]], obstacles: NDArray[np.float64]) -> Steering:
        """One twist; `route` (its end last), `pose` and `obstacles` (N, 2) in the odometry frame."""
        return self._planner.steer(pose, self._aim(pose, route, obstacles), obstacles)

    def _aim(
        self, pose: Pose, route: list[tuple[float, float]], obstacles: NDArray[np.float64]
    ) -> tuple[float, float]:
        here = (pose.x, pose.y)
        dense = _dense([here, *route])
        nearest = min(range(len(dense)), key=lambda i: hypot(dense[i][0] - pose.x, dense[i][1] - pose.y))
        aim = dense[min(nearest + 2, len(dense) - 1)]
        for point in dense[nearest:]:
            if hypot(point[0] - pose.x, point[1] - pose.y) > _LOOK_AHEAD or not _is_free(
                here, point, obstacles
            ):
                break
            aim = point
        return aim


def _dense(points: list[tuple[float, float]], gap: float = 0.5) -> list[tuple[float, float]]:
    """The same polyline with a point at least every `gap` metres."""
    result = [points[0]]
    for a, b in pairwise(points):
        count = max(1, int(hypot(b[0] - a[0], b[1] - a[1]) / gap))
        result += [
            (a[0] + (b[0] - a[0]) * k / count, a[1] + (b[1] - a[1]) * k / count) for k in range(1, count + 1)
        ]
    return result


def _is_free(a: tuple[float, float], b: tuple[float, float], obstacles: NDArray[np.float64]) -> bool:
    """Whether no obstacle lies within the corridor from a to b."""
    if len(obstacles) == 0:
        return True
    start, way = np.array(a), np.array(b) - a
    length = float(np.hypot(*way))
    if length < 1e-6:
        return True
    along = np.clip((obstacles - start) @ way / length**2, 0, 1)
    away = np.hypot(*(obstacles - (start + along[:, None] * way)).T)
    return bool((away > _CORRIDOR).all())
