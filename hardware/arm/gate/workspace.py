"""The box that the whole hand must stay in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class Workspace:
    """A box in the arm's base frame [m], and the hull that must fit in.  Raises CairnError.

    Attributes:
        lower, upper: corners of the box, x, y, z.
        hull: shape (N, 3), points around hand and gripper in the hand's frame.
    """

    lower: tuple[float, float, float]
    upper: tuple[float, float, float]
    hull: NDArray[np.float64]

    def __post_init__(self) -> None:
        if not (np.isfinite([self.lower, self.upper]).all() and np.all(np.less(self.lower, self.upper))):
            raise CairnError(
                f"a workspace needs lower < upper on each axis, got {self.lower} and {self.upper} m"
            )

    def nearest(self, pose: NDArray[np.float64]) -> NDArray[np.float64]:
        """The pose, shape (4, 4), moved as little as may be so that the hull is inside, its rotation kept.

        Where the box is too narrow for the hull as it is turned, the hull's middle goes to the box's.
        """
        corners = self._corners(pose)
        low, high = corners.min(0), corners.max(0)
        # Two sides that can't both be kept are missed alike.
        up, down = np.maximum(0.0, self.lower - low), np.minimum(0.0, self.upper - high)
        narrow = high - low > np.subtract(self.upper, self.lower)
        middle = 0.5 * (np.add(self.lower, self.upper) - (low + high))
        inside: NDArray[np.float64] = pose.copy()
        inside[:3, 3] += np.where(narrow, middle, up + down)
        return inside

    def holds(self, pose: NDArray[np.float64], margin: float = 1e-3) -> bool:
        """Whether the hull is inside, give or take `margin` [m]."""
        corners = self._corners(pose)
        return bool(
            (corners >= np.subtract(self.lower, margin)).all()
            and (corners <= np.add(self.upper, margin)).all()
        )

    def _corners(self, pose: NDArray[np.float64]) -> NDArray[np.float64]:
        """The hull in the arm's base frame, shape (N, 3), with the hand at `pose`."""
        corners: NDArray[np.float64] = self.hull @ pose[:3, :3].T + pose[:3, 3]
        return corners
