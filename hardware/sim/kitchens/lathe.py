"""Round things: profiles turned about an axis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import mujoco
import numpy as np
from numpy.typing import NDArray

_SEGMENTS = 24


def turned_mesh(
    spec: mujoco.MjSpec, name: str, profile: Sequence[tuple[float, float]], segments: int = _SEGMENTS
) -> None:
    """Add a closed mesh: (radius, z) [m] along a line from the axis back to the axis, upwards outside."""
    line = np.array(profile, float)
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    vertices: list[NDArray[np.float64]] = []
    rows: list[list[int]] = []
    for radius, z in line:
        on_axis = radius < 1e-9
        count = 1 if on_axis else segments
        first = sum(len(part) for part in vertices)
        rows.append([first] * segments if on_axis else list(range(first, first + count)))
        points = np.zeros((count, 3))
        points[:, :2], points[:, 2] = radius * ring[:count], z
        vertices.append(points)
    faces = []
    for lower, upper in pairwise(rows):
        for i in range(segments):
            j = (i + 1) % segments
            if lower[i] != lower[j]:
                faces.append((lower[i], lower[j], upper[j]))
            if upper[i] != upper[j]:
                faces.append((lower[i], upper[j], upper[i]))
    spec.add_mesh(
        name=name, uservert=np.concatenate(vertices).ravel().tolist(), userface=np.ravel(faces).tolist()
    )


def vessel_profile(
    foot: float, rim: float, height: float, thickness: float, floor: float
) -> list[tuple[float, float]]:
    """Of an open vessel: outer radii at foot and rim, height of its floor [m]."""
    inner_foot, inner_rim = foot - thickness, rim - thickness
    return [
        (0, 0),
        (foot, 0),
        (rim, height),
        (inner_rim, height),
        (inner_foot, floor),
        (0, floor),
    ]
