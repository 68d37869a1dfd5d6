"""Where hands want the gripper next."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.hardware.arm.bridge_pose import pose_of_state


@dataclass(frozen=True, eq=False)
class Move:
    """One piece of a demonstration.

    Attributes:
        pose: of the hand in the arm's base frame, shape (4, 4); None: it stays.
        opening: of the gripper: 0 closed, 1 open.
        near: distance at which the next piece begins [m].
        steps: how long it takes at least [steps of .2 s].
        patience: how long it takes at most.
        pace: share of the person's usual speed.
    """

    pose: NDArray[np.float64] | None
    opening: float
    near: float = 0.012
    steps: int = 0
    patience: int = 30
    pace: float = 1.0


def hand_at(point: NDArray[np.float64], yaw: float = 0.0, roll: float = 0.0) -> NDArray[np.float64]:
    """A hand at a point [m] that points down, turned by `yaw` about the vertical, then rolled about x."""
    pose, _ = pose_of_state([*point, 0.0, 0.0, yaw, 1.0])
    pose[:3, :3] = Rotation.from_euler("x", roll).as_matrix() @ pose[:3, :3]
    return pose


def nearest_yaw(axis: float) -> float:
    """Of a hand whose fingers close along a direction [rad] seen from above: both ways round are the same."""
    return axis % pi - pi / 2


def shift(x: float, y: float, z: float) -> NDArray[np.float64]:
    """Along the axes of the arm's base [m]."""
    return np.array([x, y, z])
