"""One pose of an arm with a picture of the board."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.board_pose import BoardPose
from cairn.calibration.calibration_error import CalibrationError


@dataclass(frozen=True, eq=False)
class Station:
    """Where the hand was by the arm's account, and where the camera saw the board.

    Attributes:
        name: of the image.
        hand: pose of the hand in the arm's base, shape (4, 4) [m].
        board: pose of the board in the optical frame.

    Raises CalibrationError unless `hand` is a finite pose.
    """

    name: str
    hand: NDArray[np.float64]
    board: BoardPose

    def __post_init__(self) -> None:
        rotation = self.hand[:3, :3] if self.hand.shape == (4, 4) else np.zeros((3, 3))
        good = np.isfinite(self.hand).all() and np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
        if not good or np.linalg.det(rotation) < 0:
            raise CalibrationError(
                f"{self.name}: the hand's pose must be finite and a rotation with a translation, "
                f"got {np.round(self.hand, 4).tolist()}"
            )
