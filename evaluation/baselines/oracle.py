"""Nearest frontier on the true map: the bound that no robot with a camera alone can beat."""

from __future__ import annotations

from math import hypot, pi, radians

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, label

from cairn.evaluation.path_driver import CRUISE_SPEED, TURN_RATE, PathDriver
from cairn.evaluation.task import SearchTask
from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.pose import Pose, wrap_angle
from cairn.navigation.searcher import Observation, Searcher

SIGHT = 12.0  # [m] the reach asked of the recogniser

_DECLARE_WITHIN = 1.0  # [m]
_SMALLEST_FRONTIER = 4  # cells


class Oracle(Searcher):
    """Knows its pose and the map as far as it has looked; sees the goal's place through `SIGHT` metres.

    It explores to the nearest frontier (Yamauchi 1997) and, once the goal's place is or was in its field
    of view and line of sight, drives there by the shortest path over the true map.
    """

    def __init__(self, simulation: Simulation, task: SearchTask) -> None:
        self._simulation = simulation
        self._task = task
        self._truth = simulation.truth
        self._half_view = radians(simulation.settings.camera.horizontal_fov) / 2
        self._seen = np.zeros(self._truth.grid.shape, bool)
        self._beyond = np.zeros(self._truth.grid.shape, bool)
        self._goal_known = False
        self._driver: PathDriver | None = None

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        self._driver = None

    def step(self, observation: Observation) -> Decision:
        pose = Pose(*self._simulation.pose)
        self._look(pose)
        if hypot(self._task.goal.x - pose.x, self._task.goal.y - pose.y) < _DECLARE_WITHIN:
            return Decision(Twist(), Phase.REACHED, "the true goal is here")
        twist = self._driver.twist(pose) if self._driver and self._is_worth_reaching() else None
        if twist is None:
            self._driver = self._plan(pose)
            if self._driver is None:
                return Decision(Twist(), Phase.FAILED, "nothing is left to see")
            twist = self._driver.twist(pose) or Twist(0.0, TURN_RATE)
        if self._goal_known:
            return Decision(twist, Phase.SEEKING, "the goal has been in sight")
        return Decision(twist, Phase.EXPLORING, "to the nearest frontier")

    def _is_worth_reaching(self) -> bool:
        """Whether the place that is driven to still hides something, or is the goal."""
        return self._goal_known or bool((self._beyond & ~self._seen).any())

    def _look(self, pose: Pose) -> None:
        grid = self._truth.grid
        bearings = pose.yaw + np.linspace(-self._half_view, self._half_view, 121)
        reach = np.arange(0.0, SIGHT, grid.resolution)
        x = pose.x + np.outer(np.cos(bearings), reach)
        y = pose.y + np.outer(np.sin(bearings), reach)
        columns = ((x - grid.origin[0]) / grid.resolution).astype(int)
        rows = ((y - grid.origin[1]) / grid.resolution).astype(int)
        rows = np.clip(rows, 0, grid.shape[0] - 1)
        columns = np.clip(columns, 0, grid.shape[1] - 1)
        clear = np.cumsum(self._truth.opaque[rows, columns], axis=1) == 0
        self._seen[rows[clear], columns[clear]] = True
        if not self._goal_known and self._sees_goal(pose):
            self._goal_known = True
            self._driver = None

    def _sees_goal(self, pose: Pose) -> bool:
        goal = self._task.goal
        dx, dy = goal.x - pose.x, goal.y - pose.y
        off_axis = abs(wrap_angle(np.arctan2(dy, dx) - pose.yaw))
        near = hypot(dx, dy) < SIGHT and off_axis < self._half_view
        return near and self._truth.line_of_sight((pose.x, pose.y), (goal.x, goal.y))

    def _plan(self, pose: Pose) -> PathDriver | None:
        """To the goal, or to the frontier that is reached first, a turn on the spot included."""
        distances = self._truth.distances_from(pose.x, pose.y)
        if self._goal_known:
            return PathDriver(distances.path_to(self._task.goal.x, self._task.goal.y))
        unseen = self._truth.free & ~self._seen
        frontier = self._truth.free & self._seen & binary_dilation(unseen)
        groups, count = label(frontier, np.ones((3, 3)))
        sizes = np.bincount(groups.ravel(), minlength=count + 1)
        rows, columns = np.nonzero(frontier & (sizes[groups] >= _SMALLEST_FRONTIER))
        if not len(rows):
            return None
        places = self._truth.grid.centres(rows, columns)
        bearing = np.arctan2(places[:, 1] - pose.y, places[:, 0] - pose.x)
        turn = np.abs((bearing - pose.yaw + pi) % (2 * pi) - pi)
        cost = distances.distances[rows, columns] / CRUISE_SPEED + turn / TURN_RATE
        best = int(np.argmin(cost))
        if not np.isfinite(cost[best]):
            return None
        row, column = rows[best], columns[best]
        near = np.zeros_like(frontier)
        near[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3] = True
        self._beyond = near & unseen
        # Facing into the unseen at the end: a frontier reached backwards shows nothing new.
        away = np.argwhere(self._beyond).mean(axis=0) - (row, column)
        return PathDriver(distances.path_to(*places[best]), float(np.arctan2(away[0], away[1])))
