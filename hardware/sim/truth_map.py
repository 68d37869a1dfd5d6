"""Ground truth of a world for a small wheeled robot: free space, shortest paths, sight lines."""

from __future__ import annotations

from functools import cached_property
from math import ceil, hypot, pi

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.distance_field import DistanceField
from cairn.hardware.sim.grid import Grid

RESOLUTION = 0.25
CLEARANCE = 0.40
ROBOT_HEIGHT = 0.45
DRIVABLE_STEP = 0.05
EYE_HEIGHT = 0.60


class TruthMap:
    """Rasters of a compiled world.  For judging, training labels and ground-truth baselines only.

    Attributes:
        grid: the raster that both masks share.
        occupied: bool, shape grid.shape: something stands there that the robot would hit.
        opaque: bool, shape grid.shape: something at eye height blocks the view.
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, bounds: tuple[float, float, float, float]):
        """Rasterise the solid geoms of `model` fixed to the world body; `data` is forwarded already."""
        xmin, ymin, xmax, ymax = bounds
        if not (xmax - xmin > 2 and ymax - ymin > 2):
            raise CairnError(f"a world's bounds must span more than 2 m, got {bounds}")
        self.bounds = bounds
        shape = (ceil((ymax - ymin) / RESOLUTION), ceil((xmax - xmin) / RESOLUTION))
        self.grid = Grid((xmin, ymin), RESOLUTION, shape)
        occupied = np.zeros(shape, np.uint8)
        opaque = np.zeros(shape, np.uint8)
        for geom in range(model.ngeom):
            fixed = model.body_weldid[model.geom_bodyid[geom]] == 0
            solid = bool(model.geom_contype[geom] or model.geom_conaffinity[geom])
            if not (fixed and solid) or model.geom_type[geom] in _GROUND_TYPES:
                continue
            low, high, outline = self._footprint(model, data, geom)
            if low < ROBOT_HEIGHT and high > DRIVABLE_STEP:
                cv2.fillConvexPoly(occupied, outline, 1)
            if low < EYE_HEIGHT < high:
                cv2.fillConvexPoly(opaque, outline, 1)
        self.occupied = occupied.astype(bool)
        self.opaque = opaque.astype(bool)

    def _footprint(
        self, model: mujoco.MjModel, data: mujoco.MjData, geom: int
    ) -> tuple[float, float, NDArray[np.int32]]:
        """Lowest and highest point [m] and the outline in cells (column, row) of one geom."""
        centre, half = model.geom_aabb[geom, :3], model.geom_aabb[geom, 3:]
        corners = np.array(np.meshgrid((-1, 1), (-1, 1), (-1, 1))).reshape(3, -1).T * half + centre
        world = corners @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom]
        cells = (world[:, :2] - self.grid.origin) / RESOLUTION - 0.5
        outline = cv2.convexHull(np.round(cells).astype(np.int32))
        return float(world[:, 2].min()), float(world[:, 2].max()), outline

    @cached_property
    def clearance(self) -> NDArray[np.float32]:
        """Metres from each cell to the nearest occupied one or the bounds, shape grid.shape."""
        padded = np.pad(~self.occupied, 1).astype(np.uint8)
        distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
        return (distance * RESOLUTION).astype(np.float32)

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        """Cells where the robot fits, of the largest connected region, shape grid.shape."""
        fits = (self.clearance > CLEARANCE).astype(np.uint8)
        count, labels, statistics, _ = cv2.connectedComponentsWithStats(fits, connectivity=4)
        if count < 2:
            raise CairnError("no place in this world is wide enough for the robot")
        return np.asarray(labels == 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA])))

    def is_free(self, x: float, y: float) -> bool:
        row, column = self.grid.cell(x, y)
        return self.grid.contains(row, column) and bool(self.free[row, column])

    @cached_property
    def _shortest(self) -> csr_array:
        return self._graph(np.ones(self.free.shape))

    @cached_property
    def _comfortable(self) -> csr_array:
        return self._graph(1.0 + np.clip(1.0 - (self.clearance - CLEARANCE), 0, 1))

    def _graph(self, dear: NDArray[np.float64]) -> csr_array:
        """Eight-connected free cells weighted by metres times `dear`."""
        index = np.arange(self.free.size).reshape(self.free.shape)
        rows, columns, weights = [], [], []
        for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
            height, width = self.free.shape
            here = (slice(0, height - dr), slice(max(0, -dc), width - max(0, dc)))
            there = (slice(dr, height), slice(max(0, dc), width + min(0, dc)))
            both = self.free[here] & self.free[there]
            rows.append(index[here][both])
            columns.append(index[there][both])
            weights.append(hypot(dr, dc) * RESOLUTION * 0.5 * (dear[here][both] + dear[there][both]))
        size = (self.free.size, self.free.size)
        edges = np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))
        return csr_array(coo_array(edges, shape=size))

    def distances_from(self, x: float, y: float, comfortable: bool = False) -> DistanceField:
        """Shortest-path distances [m] from (x, y).

        `comfortable` weights cells near obstacles up to twice, for paths that a driver would take.
        Raises CairnError when the robot does not fit within a metre of (x, y).
        """
        cell = self.grid.nearest_finite(np.where(self.free, 0.0, np.inf), x, y)
        if cell is None:
            raise CairnError(f"({x:.2f}, {y:.2f}) is not in free space")
        source = cell[0] * self.grid.shape[1] + cell[1]
        graph = self._comfortable if comfortable else self._shortest
        distances, predecessors = dijkstra(graph, directed=False, indices=source, return_predecessors=True)
        shape = self.grid.shape
        return DistanceField(self.grid, (x, y), distances.reshape(shape), predecessors)

    def shortest_path(
        self, start: tuple[float, float], end: tuple[float, float], comfortable: bool = False
    ) -> NDArray[np.float64]:
        """Points of the shortest path, shape (N, 2); empty when there is none."""
        return self.distances_from(*start, comfortable=comfortable).path_to(*end)

    def line_of_sight(self, a: tuple[float, float], b: tuple[float, float]) -> bool:
        """Whether nothing at eye height stands between two points."""
        steps = max(2, ceil(hypot(b[0] - a[0], b[1] - a[1]) / (RESOLUTION / 2)))
        x, y = np.linspace(a[0], b[0], steps), np.linspace(a[1], b[1], steps)
        columns = np.floor((x - self.grid.origin[0]) / RESOLUTION).astype(int)
        rows = np.floor((y - self.grid.origin[1]) / RESOLUTION).astype(int)
        height, width = self.grid.shape
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        return bool(inside.all() and not self.opaque[rows, columns].any())

    def sample_free_pose(
        self, random: np.random.Generator, clearance: float = 0.6
    ) -> tuple[float, float, float]:
        """A pose (x, y [m], yaw [rad]) with that much clearance [m], or the best there is."""
        wide = self.free & (self.clearance > clearance)
        rows, columns = np.nonzero(wide if wide.any() else self.free)
        pick = int(random.integers(rows.size))
        x, y = self.grid.centres(rows[pick : pick + 1], columns[pick : pick + 1])[0]
        return float(x), float(y), float(random.uniform(-pi, pi))


_GROUND_TYPES = (int(mujoco.mjtGeom.mjGEOM_PLANE), int(mujoco.mjtGeom.mjGEOM_HFIELD))
