"""Drive a known path with known poses: the demonstrator, and the legs of the oracle."""

from __future__ import annotations

from math import atan2, cos, hypot, sin

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist
from cairn.navigation.pose import Pose, wrap_angle

CRUISE_SPEED = 1.0  # [m/s] the middle of RECON's collection commands, .75-1.25
TURN_RATE = 1.0  # [rad/s] their limit

_LOOKAHEAD = 0.7  # [m] short enough not to cut corners that have .4 m of clearance
_TURN_ON_THE_SPOT = 0.8  # [rad]
_ARRIVED = 0.25  # [m]


class PathDriver:
    """Pure pursuit with turns on the spot (Coulter 1992), at `cruise` [m/s].

    `path` has shape (N, 2) in the world's frame; `final_yaw`, where given, is faced at the end.
    """

    def __init__(self, path: ArrayLike, final_yaw: float | None = None, cruise: float = CRUISE_SPEED) -> None:
        points = np.asarray(path, float)
        if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.isfinite(points).all():
            raise CairnError(f"a path must be finite and of shape (N >= 1, 2), got {points.shape}")
        self._path = _densified(points)
        self._final_yaw = final_yaw
        self._cruise = cruise
        self._nearest = 0

    def twist(self, pose: Pose) -> Twist | None:
        """What to command at `pose`; None once the end is reached and faced."""
        end = self._path[-1]
        if hypot(end[0] - pose.x, end[1] - pose.y) <= _ARRIVED and self._nearest >= len(self._path) - 12:
            return self._face(pose)
        target = self._target(pose)
        bearing = wrap_angle(atan2(target[1] - pose.y, target[0] - pose.x) - pose.yaw)
        if abs(bearing) > _TURN_ON_THE_SPOT:
            return Twist(0.0, TURN_RATE if bearing > 0 else -TURN_RATE)
        reach = max(hypot(target[0] - pose.x, target[1] - pose.y), 0.2)
        turn = float(np.clip(2 * self._cruise * sin(bearing) / reach, -TURN_RATE, TURN_RATE))
        return Twist(self._cruise * max(0.2, cos(bearing) ** 3) * min(1.0, reach / 0.4), turn)

    def _face(self, pose: Pose) -> Twist | None:
        error = 0.0 if self._final_yaw is None else wrap_angle(self._final_yaw - pose.yaw)
        return None if abs(error) < 0.1 else Twist(0.0, float(np.clip(2 * error, -TURN_RATE, TURN_RATE)))

    def _target(self, pose: Pose) -> NDArray[np.float64]:
        # Only forward along the path, so that a path that comes back past itself isn't cut short.
        window = self._path[self._nearest : self._nearest + 30]
        self._nearest += int(np.argmin(np.hypot(window[:, 0] - pose.x, window[:, 1] - pose.y)))
        ahead = self._path[self._nearest :]
        far = np.hypot(ahead[:, 0] - pose.x, ahead[:, 1] - pose.y) >= _LOOKAHEAD
        target: NDArray[np.float64] = ahead[int(np.argmax(far))] if far.any() else ahead[-1]
        return target


def _densified(points: NDArray[np.float64], spacing: float = 0.1) -> NDArray[np.float64]:
    """The same polyline with a point at least every `spacing` metres."""
    if len(points) == 1:
        return points
    steps = np.hypot(*np.diff(points, axis=0).T)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    keep = np.concatenate([[True], steps > 0])
    wanted = np.linspace(0.0, arc[-1], int(np.ceil(arc[-1] / spacing)) + 1)
    return np.stack([np.interp(wanted, arc[keep], points[keep, axis]) for axis in (0, 1)], axis=1)
