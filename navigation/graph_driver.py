"""Drive to a place on the map."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist
from cairn.navigation.graph.planner import Planner
from cairn.navigation.held_route import HeldRoute
from cairn.navigation.local_map import LocalMap
from cairn.navigation.local_planner import LocalPlanner
from cairn.navigation.mapper import Mapper, Whereabouts
from cairn.navigation.pose import Pose
from cairn.navigation.progress import Progress
from cairn.navigation.route_follower import RouteFollower

_STRAIGHT = 3.0  # [m] to what is as near no route is asked for
_TOUCHED_WITHIN = 5.0  # [m] what was touched matters to the next metres
_BLOCKED = 16  # steps without a free arc, net of free ones, after which another way is wanted


class GraphDriver:
    """Follows routes of the graph round what is in the way, and notices when it gets nowhere.

    What is in the way is what `local_map` holds and what was touched; nodes and targets are in `map`.
    """

    def __init__(self, mapper: Mapper, planner: Planner, local_map: LocalMap, steering: LocalPlanner) -> None:
        self._mapper = mapper
        self._planner = planner
        self._local_map = local_map
        self._follower = RouteFollower(steering)
        self._progress = Progress()
        self._route = HeldRoute()
        self._blocked = 0

    def begin(self) -> None:
        """A new target: headway counts from now."""
        self._progress.begin()

    def drop_route(self) -> None:
        """Plan anew at the next step."""
        self._route.drop()

    def step(
        self, target: Pose, where: Whereabouts, odom: Pose, now: float, purpose: str, node: int = -1
    ) -> tuple[Twist, bool]:
        """One twist towards a target; True when no headway is made any more.

        Args:
            now: [s].
            purpose: headway is watched for each by itself.
            node: of the graph, from which the target is reached; else the nearest to the target is.
        """
        path = self._path_to(target, where, now, node)
        to_odom = where.map_to_odom.inverse
        points = [to_odom @ Pose(x, y, 0.0) for x, y in path]
        steering = self._follower.step(odom, [(p.x, p.y) for p in points], self._obstacles(where))
        self._blocked = self._blocked + 1 if steering.blocked else max(0, self._blocked - 1)
        remaining = _length([(where.pose.x, where.pose.y), *path])
        stuck = self._progress.is_stuck(purpose, remaining, now) or self._blocked > _BLOCKED
        if stuck:
            self._progress.begin()
            self._blocked = 0
            edge = self._route.edge
            if edge is not None and self._mapper.graph.edge(*edge) is not None:
                self._mapper.graph.record_failure(*edge, now)
            self._route.drop()
        return steering.twist, stuck

    def _obstacles(self, where: Whereabouts) -> NDArray[np.float64]:
        """In `odom`, shape (N, 2)."""
        if where.is_lost:
            return self._local_map.points
        to_odom = where.map_to_odom.inverse
        touched = self._mapper.contacts.points_near((where.pose.x, where.pose.y), _TOUCHED_WITHIN)
        moved = [tuple(to_odom @ Pose(x, y, 0.0))[:2] for x, y in touched.tolist()]
        return np.concatenate([self._local_map.points, np.array(moved).reshape(-1, 2)])

    def _path_to(self, target: Pose, where: Whereabouts, now: float, node: int) -> list[tuple[float, float]]:
        """Way points in `map`, the target last; straight when it is near or no way is known."""
        here, end = (where.pose.x, where.pose.y), (target.x, target.y)
        near = hypot(end[0] - here[0], end[1] - here[1]) < _STRAIGHT
        if where.is_lost or (near and not self._is_barred(here, end)):
            self._route.drop()
            return [end]
        held = self._route.ahead(here, end)
        if held is not None:
            return held
        graph = self._mapper.graph
        if node not in graph:
            node = int(graph.nearest_places(np.array([target]), 1, heading=False)[0][0, 0])
        route = self._planner.shortest_path(where.node, node, now)
        nodes = route.nodes if route.is_reachable else ()
        points = [*((graph.pose(n).x, graph.pose(n).y) for n in nodes), end]
        self._route.hold(points, nodes)
        return points

    def _is_barred(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        return bool(self._mapper.contacts.block(np.array([start]), np.array([end])).any())


def _length(points: list[tuple[float, float]]) -> float:
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))
