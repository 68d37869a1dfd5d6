"""The equal sectors of a view for which free ranges are predicted, numbered left to right."""

from __future__ import annotations

from math import radians

import numpy as np
from numpy.typing import NDArray


def sector_bearings(sectors: int, horizontal_fov: float) -> NDArray[np.float64]:
    """Centre [rad, left positive] of each of the equal sectors of a view `horizontal_fov` degrees wide."""
    return radians(horizontal_fov) * (0.5 - (np.arange(sectors) + 0.5) / sectors)


def sectors_at(bearings: NDArray[np.float64], sectors: int, horizontal_fov: float) -> NDArray[np.intp]:
    """The sector in which each bearing [rad, left positive] lies, the outermost for what lies outside."""
    half = radians(horizontal_fov) / 2
    return np.clip(((half - bearings) / (2 * half) * sectors).astype(np.intp), 0, sectors - 1)
