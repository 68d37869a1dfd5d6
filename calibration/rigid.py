"""Poses as six numbers: a small turn [rad], then a translation [m]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]


def inverse(pose: Array) -> Array:
    """Of a rigid pose (4, 4)."""
    turned = np.eye(4)
    turned[:3, :3] = pose[:3, :3].T
    turned[:3, 3] = -pose[:3, :3].T @ pose[:3, 3]
    return turned


def moved(pose: Array, step: Array) -> Array:
    """A pose turned by step[:3] [rad] and shifted by step[3:] [m], both along the axes of the outer frame."""
    result = np.eye(4)
    result[:3, :3] = Rotation.from_rotvec(step[:3]).as_matrix() @ pose[:3, :3]
    result[:3, 3] = pose[:3, 3] + step[3:]
    return result


def difference(one: Array, other: Array) -> Array:
    """The step (6,) with which `moved(other, step)` is `one`."""
    turn = Rotation.from_matrix(one[:3, :3] @ other[:3, :3].T).as_rotvec()
    return np.concatenate([turn, one[:3, 3] - other[:3, 3]])


def turned_about(moment: Array) -> Array:
    """The matrix (3, 3) of the cross product with a vector from the left."""
    x, y, z = moment
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])


def mean_pose(poses: list[Array]) -> Array:
    """Of poses that are near each other."""
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_matrix(np.array([one[:3, :3] for one in poses])).mean().as_matrix()
    pose[:3, 3] = np.mean([one[:3, 3] for one in poses], axis=0)
    return pose


def pose_vector(pose: Array) -> Array:
    """Rotation vector [rad] and translation [m], shape (6,), of a pose (4, 4)."""
    return np.concatenate([Rotation.from_matrix(pose[:3, :3]).as_rotvec(), pose[:3, 3]])


def matrix_of(vector: Array) -> Array:
    """The inverse of `pose_vector`."""
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_rotvec(vector[:3]).as_matrix()
    pose[:3, 3] = vector[3:]
    return pose
