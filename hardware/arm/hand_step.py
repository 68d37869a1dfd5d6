"""A step of the hand, as demonstrations and policies speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class HandStep:
    """What Bridge Data calls an action.

    Attributes:
        translation: x, y, z [m] along the axes of the arm's base.
        rotation: roll, pitch, yaw [rad] about the axes of the arm's base, R = Rz·Ry·Rx, through the hand.
        opening: of the gripper, absolute: 0 closed, 1 open.
    """

    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    opening: float = 1.0

    @property
    def is_finite(self) -> bool:
        return all(isfinite(value) for value in (*self.translation, *self.rotation, self.opening))

    def limited(self, distance: float, angle: float) -> HandStep:
        """The same directions, no farther than `distance` [m] and `angle` [rad]; the opening in [0, 1].

        Raises CairnError for a step that is not finite.
        """
        if not self.is_finite:
            raise CairnError(f"a step must be finite, got {self}")
        far, turn = np.linalg.norm(self.translation), np.linalg.norm(self.rotation)
        shorter = min(1.0, distance / far) if far > 0 else 1.0
        slower = min(1.0, angle / turn) if turn > 0 else 1.0
        x, y, z = (shorter * value for value in self.translation)
        roll, pitch, yaw = (slower * value for value in self.rotation)
        return HandStep((x, y, z), (roll, pitch, yaw), min(1.0, max(0.0, self.opening)))

    def from_pose(self, pose: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where a hand at `pose`, shape (4, 4), stands after the step."""
        there = np.array(pose, float)
        there[:3, 3] += self.translation
        there[:3, :3] = Rotation.from_euler("xyz", self.rotation).as_matrix() @ pose[:3, :3]
        return there
