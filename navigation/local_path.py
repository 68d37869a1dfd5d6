"""The way round what stands between the robot and a near target."""

from __future__ import annotations

from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cairn.navigation.pose import Pose

_CELL = 0.2
_HALF = 30
_BLOCKED = 0.42
_COMFORT = 0.9


class LocalPath:
    """Shortest paths over a small grid around the robot; what was never seen counts as free.

    Steering alone gets caught in corners; a look at the last seconds' obstacles as a whole does not.
    """

    def __init__(self) -> None:
        side = 2 * _HALF + 1
        index = np.arange(side * side).reshape(side, side)
        sources, targets, lengths = [], [], []
        for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
            here = index[: side - dr, max(0, -dc) : side - max(0, dc)].ravel()
            there = index[dr:, max(0, dc) : side + min(0, dc)].ravel()
            sources += [here, there]
            targets += [there, here]
            lengths += [np.full(2 * here.size, _CELL * np.hypot(dr, dc))]
        source, target, length = np.concatenate(sources), np.concatenate(targets), np.concatenate(lengths)
        order = np.lexsort((target, source))
        self._source, self._target, self._length = source[order], target[order], length[order]
        self._indptr = np.searchsorted(self._source, np.arange(side * side + 1)).astype(np.int32)
        self._side = side

    @property
    def reach(self) -> float:
        """Metres from the robot that the grid extends to each side."""
        return _HALF * _CELL

    def find(
        self, pose: Pose, target: tuple[float, float], obstacles: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Points from the robot to `target` or as near as one gets, shape (N, 2), odometry frame.

        `obstacles`, shape (N, 2), in the same frame; `target` is pulled to the grid's edge when beyond it.
        """
        clearance = self._clearance(pose, obstacles)
        wall = np.clip((_COMFORT - clearance) / (_COMFORT - _BLOCKED), 0, 1)
        # Inside an inflated obstacle every way out is allowed, at a price: the robot may stand in one.
        cost = np.where(clearance < _BLOCKED, 40.0, 1.0 + 2.0 * wall).ravel()
        weights = self._length * 0.5 * (cost[self._source] + cost[self._target])
        size = self._side**2
        graph = csr_array((weights, self._target.astype(np.int32), self._indptr), shape=(size, size))
        centre = size // 2
        distances, before = dijkstra(graph, directed=True, indices=centre, return_predecessors=True)
        goal = self._goal(pose, target, clearance, distances)
        cells = []
        while goal >= 0:
            cells.append(goal)
            goal = int(before[goal])
        rows, columns = np.divmod(np.array(cells[::-1]), self._side)
        return np.stack([pose.x + (columns - _HALF) * _CELL, pose.y + (rows - _HALF) * _CELL], -1)

    def _clearance(self, pose: Pose, obstacles: NDArray[np.float64]) -> NDArray[np.float32]:
        """Metres from each cell to the nearest obstacle, shape (side, side)."""
        free = np.ones((self._side, self._side), np.uint8)
        cells = np.round((obstacles - (pose.x, pose.y)) / _CELL).astype(int) + _HALF
        inside = ((cells >= 0) & (cells < self._side)).all(1)
        free[cells[inside, 1], cells[inside, 0]] = 0
        distance = cv2.distanceTransform(free, cv2.DIST_L2, 5)
        return np.asarray(np.minimum(distance * _CELL, 5.0), np.float32)

    def _goal(
        self,
        pose: Pose,
        target: tuple[float, float],
        clearance: NDArray[np.float32],
        distances: NDArray[np.float64],
    ) -> int:
        """The cell to go to: the target's, or the free one that leaves the least of the way."""
        offset = np.array(target) - (pose.x, pose.y)
        far = float(np.abs(offset).max())
        if far > self.reach - _CELL:
            offset *= (self.reach - _CELL) / far
        column, row = np.round(offset / _CELL).astype(int) + _HALF
        if clearance[row, column] >= _BLOCKED:
            return int(row * self._side + column)
        reach = ceil(2.0 / _CELL)
        rows, columns = np.mgrid[0 : self._side, 0 : self._side]
        away = np.hypot(rows - row, columns - column) * _CELL
        score = np.where(clearance >= _BLOCKED, away, np.inf) + 0.05 * distances.reshape(away.shape)
        score[away > reach * _CELL * 2] = np.inf
        best = int(np.argmin(score))
        return best if np.isfinite(score.ravel()[best]) else int(row * self._side + column)
