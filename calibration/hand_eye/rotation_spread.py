"""How much a hand was turned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation


def rotation_spread(poses: Sequence[NDArray[np.float64]]) -> tuple[float, float, float]:
    """From end to end about each of the three main axes of turning, greatest first [deg]; poses (4, 4)."""
    if len(poses) < 2:
        return 0.0, 0.0, 0.0
    turns = Rotation.from_matrix(np.array([pose[:3, :3] for pose in poses]))
    vectors = (turns.mean().inv() * turns).as_rotvec(degrees=True)
    axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=True)[2]
    ranges = sorted(np.ptp(vectors @ axes.T, axis=0).tolist(), reverse=True)
    return ranges[0], ranges[1], ranges[2]
