"""The state of a hand as Bridge Data writes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from cairn.hardware.errors import CairnError

DEFAULT_ROTATION = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
"""Of a hand that points straight down, from which roll, pitch and yaw are counted (bridge_data_robot)."""
DEFAULT_ROTATION.setflags(write=False)


def bridge_state(pose: NDArray[np.float64], opening: float) -> NDArray[np.float64]:
    """x, y, z [m], roll, pitch, yaw [rad], gripper, shape (7,).

    `pose`, shape (4, 4), is that of the hand in the arm's base frame; `opening` 0 closed, 1 open.  Angles are
    R = Rz·Ry·Rx about the axes of the base, zero where the gripper points down.  Raises CairnError for what
    is no finite pose.
    """
    pose = np.asarray(pose, np.float64)
    rotation = pose[:3, :3] if pose.shape == (4, 4) else np.zeros((3, 3))
    good = np.isfinite(pose).all() and np.isfinite(opening)
    if not (good and np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3)):
        raise CairnError(
            "expected a finite pose (4, 4) with a rotation in it and a finite opening, "
            f"got {pose.round(3).tolist()} and {opening}"
        )
    turned = Rotation.from_matrix(rotation @ DEFAULT_ROTATION.T).as_euler("xyz")
    return np.concatenate([pose[:3, 3], turned, [opening]])


def pose_of_state(state: ArrayLike) -> tuple[NDArray[np.float64], float]:
    """The inverse of `bridge_state`.  Raises CairnError unless there are seven finite numbers."""
    values = np.asarray(state, np.float64)
    if values.shape != (7,) or not np.isfinite(values).all():
        raise CairnError(f"expected 7 finite numbers as state of the hand, got {values.tolist()}")
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler("xyz", values[3:6]).as_matrix() @ DEFAULT_ROTATION
    pose[:3, 3] = values[:3]
    return pose, float(values[6])
