"""Where a kitchen's cameras stand, and through which lens they look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel

SHOULDER = "shoulder"
WRIST = "wrist"
CAMERAS = (SHOULDER, WRIST)
C920 = CameraModel(640, 480, 623.6, 623.6, 320.0, 240.0)
"""A Logitech C920 at 640x480, as Bridge Data's cameras."""
WRIST_LENS = CameraModel.pinhole(640, 480, 69.0)
"""A RealSense's colour camera."""

WRIST_POSE = np.array(
    [[0.0, 0.342, 0.940, -0.10], [-1.0, 0.0, 0.0, 0.0], [0.0, -0.940, 0.342, 0.065], [0.0, 0.0, 0.0, 1.0]]
)
"""Of the wrist's optical frame in that of the hand, looking past the fingers."""
WRIST_POSE.setflags(write=False)


@dataclass(frozen=True, eq=False)
class KitchenCamera:
    """A pinhole camera that stands still.

    Attributes:
        model: intrinsics.
        pose: of its optical frame (x right, y down, z ahead) in the arm's base frame, shape (4, 4).
    """

    model: CameraModel
    pose: NDArray[np.float64]

    def pixel(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where a point in the base frame [m], shape (3,), is seen: column, row; NaN from behind."""
        x, y, z = self.pose[:3, :3].T @ (np.asarray(point, float) - self.pose[:3, 3])
        if z <= 0:
            return np.full(2, np.nan)
        model = self.model
        return np.array([model.cx + model.fx * x / z, model.cy + model.fy * y / z])


def looking_at(position: NDArray[np.float64], gaze: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pose (4, 4) of a level optical frame at `position` that has `gaze` in the middle of its picture."""
    ahead = np.subtract(gaze, position)
    ahead /= np.linalg.norm(ahead)
    right = np.cross(ahead, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(ahead, right), ahead], axis=1)
    pose[:3, 3] = position
    return pose
