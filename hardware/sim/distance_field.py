"""Shortest-path distances from one place over a grid of free cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.grid import Grid


@dataclass(frozen=True)
class DistanceField:
    """Distances [m] from `source`; infinite where nothing leads.

    Attributes:
        distances: shape (rows, columns) of the grid.
        predecessors: flat cell indices, negative where there is none.
    """

    grid: Grid
    source: tuple[float, float]
    distances: NDArray[np.float64]
    predecessors: NDArray[np.int32]

    def at(self, x: float, y: float) -> float:
        """Metres from the source to (x, y), by the nearest free cell within a metre; else infinite."""
        cell = self.grid.nearest_finite(self.distances, x, y)
        return float("inf") if cell is None else float(self.distances[cell])

    def path_to(self, x: float, y: float) -> NDArray[np.float64]:
        """Shortest path from the source to (x, y), shape (N, 2); empty when there is none."""
        cell = self.grid.nearest_finite(self.distances, x, y)
        if cell is None:
            return np.zeros((0, 2))
        index = cell[0] * self.grid.shape[1] + cell[1]
        flat = []
        while index >= 0:
            flat.append(index)
            index = int(self.predecessors[index])
        rows, columns = np.divmod(np.array(flat[::-1]), self.grid.shape[1])
        return self.grid.centres(rows, columns)
