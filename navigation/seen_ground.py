"""Which ground remembered views have shown to be free or blocked, and where that knowledge ends."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.policies.sectors import sector_bearings

_CELL = 0.5  # [m]
_REACH = 9.0  # [m] up to which a predicted range counts
_TRUSTED = 0.6  # ends of rays for each that passes from which a cell is blocked
_NARROWEST = 4  # cells of a stretch of frontier that a robot fits through


class SeenGround:
    """A grid over all views; rebuilt where it is needed, for poses of views may change.

    Args:
        poses: of the views in `map`, shape (N, 3).
        ranges: predicted free distance [m] by sector, left to right, shape (N, S).
        horizontal_fov: degrees spanned by the sectors.
    """

    def __init__(
        self, poses: NDArray[np.float64], ranges: NDArray[np.float32], horizontal_fov: float
    ) -> None:
        self._origin = poses[:, :2].min(axis=0) - _REACH - 1.0
        extent = poses[:, :2].max(axis=0) + _REACH + 1.0 - self._origin
        self._shape = tuple(np.ceil(extent / _CELL).astype(int).tolist())
        bearing = poses[:, 2, None] + sector_bearings(ranges.shape[1], horizontal_fov)
        ray = np.stack([np.cos(bearing), np.sin(bearing)], axis=-1)
        along = np.arange(_CELL, _REACH, _CELL)
        passed = poses[:, None, None, :2] + along[:, None] * ray[:, :, None]
        passing = self._count(passed[along < ranges[:, :, None] - _CELL])
        ended = poses[:, None, :2] + np.minimum(ranges, _REACH)[..., None] * ray
        ending = self._count(ended[ranges < _REACH])
        self.blocked: NDArray[np.bool_] = ending > _TRUSTED * passing
        self.free: NDArray[np.bool_] = (passing > 0) & ~self.blocked

    def frontier(self) -> NDArray[np.float64]:
        """Free places beside ground that was never seen, away from what blocks, shape (M, 2) in `map`.

        Far from every view its rays leave cells between them: what was seen thinly counts as unseen.
        """
        around = np.ones((3, 3), np.uint8)
        beside_blocked = cv2.dilate(self.blocked.astype(np.uint8), around) > 0
        unknown = ~(self.free | beside_blocked)
        beside_unknown = cv2.dilate(unknown.astype(np.uint8), around) > 0
        edge = (self.free & beside_unknown & ~beside_blocked).astype(np.uint8)
        _, labels, statistics, _ = cv2.connectedComponentsWithStats(edge, connectivity=8)
        wide = statistics[labels, cv2.CC_STAT_AREA] >= _NARROWEST
        return np.asarray(self._origin + (np.argwhere((edge > 0) & wide) + 0.5) * _CELL)

    def _count(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """How many points lie in each cell, shape of the grid."""
        columns = ((points - self._origin) / _CELL).astype(np.intp)
        flat = columns[:, 0] * self._shape[1] + columns[:, 1]
        counted: NDArray[np.int64] = np.bincount(flat, minlength=self._shape[0] * self._shape[1])
        return counted.reshape(self._shape)
