"""A raster over the ground plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Grid:
    """Square cells; row r, column c has its centre at origin + (c + .5, r + .5) * resolution.

    Attributes:
        origin: x, y of the lower left corner [m].
        resolution: metres a cell.
        shape: (rows, columns).
    """

    origin: tuple[float, float]
    resolution: float
    shape: tuple[int, int]

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of a point, which may lie outside the grid."""
        return (
            int(np.floor((y - self.origin[1]) / self.resolution)),
            int(np.floor((x - self.origin[0]) / self.resolution)),
        )

    def contains(self, row: int, column: int) -> bool:
        return 0 <= row < self.shape[0] and 0 <= column < self.shape[1]

    def centres(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """World coordinates of cells, shape (N, 2)."""
        return np.stack(
            [
                self.origin[0] + (columns + 0.5) * self.resolution,
                self.origin[1] + (rows + 0.5) * self.resolution,
            ],
            axis=-1,
        )

    def nearest_finite(
        self, values: NDArray[np.float64], x: float, y: float, radius: float = 1.0
    ) -> tuple[int, int] | None:
        """The cell with a finite value nearest to (x, y) within `radius` metres, or None."""
        row, column = self.cell(x, y)
        reach = int(np.ceil(radius / self.resolution))
        top, left = max(row - reach, 0), max(column - reach, 0)
        patch = values[top : row + reach + 1, left : column + reach + 1]
        rows, columns = np.nonzero(np.isfinite(patch))
        if rows.size == 0:
            return None
        best = np.argmin((rows + top - row) ** 2 + (columns + left - column) ** 2)
        return int(rows[best] + top), int(columns[best] + left)
