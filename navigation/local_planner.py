"""Drive towards a point without hitting what the policy says is in the way."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, hypot, pi

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist
from cairn.navigation.pose import Pose

_HORIZON = 2.0
_STEPS = 8
_HULL = 0.34  # [m] nearer than this to the middle a point touches the hull on its way past
_BACK = 0.3  # [m/s]
_BACK_FOR = 1.5  # [s] of free way behind that backing off needs
_BACKED = 0.4  # [m]
_BEHIND = 0.38  # [m] to keep from what stands behind, where the disc would not fit


@dataclass(frozen=True)
class Steering:
    """`blocked`: no arc leads on; the twist backs off, or turns on the spot to where it may be free."""

    twist: Twist
    blocked: bool


class LocalPlanner:
    """Dynamic window over arcs (Fox, Burgard and Thrun, 1997) against points of a LocalMap.

    Args:
        speed, turn_rate: limits [m/s, rad/s].
        radius: of a disc that stands for the hull, with its margin [m].
    """

    def __init__(self, speed: float = 1.0, turn_rate: float = 1.0, radius: float = 0.45) -> None:
        self._turn_rate = turn_rate
        self._radius = radius
        speeds = np.array([0.25, 0.5, 0.75, 1.0]) * speed
        turns = np.linspace(-1.0, 1.0, 15) * turn_rate
        self._arcs = np.array([(v, w) for v in speeds for w in turns if abs(w) * v < 0.9])
        times = (np.arange(_STEPS) + 1) / _STEPS * _HORIZON
        heading = self._arcs[:, 1:] * times
        half = heading / 2
        chord = self._arcs[:, :1] * times * np.sinc(half / pi)
        self._paths = np.stack([chord * np.cos(half), chord * np.sin(half)], -1)
        self._headings = heading[:, -1]
        back = -_BACK * _BACK_FOR * (np.arange(_STEPS) + 1) / _STEPS
        self._back = np.stack([back, np.zeros(_STEPS)], -1)[None]
        self._side = 0.0
        self._turning = False
        self._backing: tuple[float, float] | None = None

    def steer(self, pose: Pose, target: tuple[float, float], points: NDArray[np.float64]) -> Steering:
        """A twist from `pose` towards `target`; all in the odometry frame, `points` (N, 2) are obstacles."""
        dx, dy = target[0] - pose.x, target[1] - pose.y
        c, s = np.cos(pose.yaw), np.sin(pose.yaw)
        goal = np.array([c * dx + s * dy, -s * dx + c * dy])
        bearing = atan2(goal[1], goal[0])
        local = _nearby(pose, points)
        # Who stands too near to something already must be let go away from it.
        radius = self._radius_at(local)
        since = self._backing
        if since and hypot(pose.x - since[0], pose.y - since[1]) < _BACKED and self._may_back(local, radius):
            return Steering(Twist(-_BACK, 0.0), True)
        self._backing = None
        # Turn on the spot until well lined up: a limit that ends where it begins would make it dither.
        self._turning = hypot(dx, dy) > 0.3 and abs(bearing) > (0.5 if self._turning else 1.2)
        if self._turning:
            return Steering(Twist(0.0, float(np.copysign(self._turn_rate, bearing))), False)
        clearance = _clearance(self._paths, local)
        hit = clearance < radius
        first = np.where(hit.any(1), hit.argmax(1), _STEPS)
        # An arc is admissible when the robot could still stop: a second of free way at the least.
        free = first / _STEPS * _HORIZON
        admissible = free >= 0.9
        if not admissible.any():
            return self._get_out(pose, bearing, local, radius)
        self._side = 0.0
        reach = self._paths[np.arange(len(first)), np.minimum(first, _STEPS) - 1]
        left = np.hypot(*(goal - reach).T)
        progress = hypot(dx, dy) - left
        end = reach - goal
        off = np.arctan2(-end[:, 1], -end[:, 0]) - self._headings
        off = np.abs((off + pi) % (2 * pi) - pi) * np.clip(left, 0, 1)
        room = np.clip(clearance.min(1) - self._radius, 0, 0.5)
        score = progress + 0.8 * room + 0.15 * free - 0.25 * off - 0.05 * np.abs(self._arcs[:, 1])
        score[~admissible] = -np.inf
        best = int(np.argmax(score))
        if score[best] < 0.0 and abs(bearing) > 0.5:
            self._turning = True
            return Steering(Twist(0.0, float(np.copysign(self._turn_rate, bearing))), False)
        v, w = self._arcs[best]
        return Steering(Twist(float(v), float(w)), False)

    def _get_out(self, pose: Pose, bearing: float, local: NDArray[np.float64], radius: float) -> Steering:
        """Back off where something is close; else turn, keeping to the side once chosen."""
        if radius < self._radius and self._may_back(local, radius):
            self._backing = (pose.x, pose.y)
            return Steering(Twist(-_BACK, 0.0), True)
        self._side = self._side or float(np.copysign(1.0, bearing))
        return Steering(Twist(0.0, self._side * 0.8 * self._turn_rate), True)

    def _may_back(self, local: NDArray[np.float64], radius: float) -> bool:
        return bool(_clearance(self._back, local).min() >= min(radius, _BEHIND))

    def _radius_at(self, local: NDArray[np.float64]) -> float:
        """The disc's radius, less where something is nearer than that already."""
        nearest = float(np.hypot(local[:, 0], local[:, 1]).min(initial=9.0))
        return float(np.clip(nearest - 0.03, _HULL, self._radius))


def _nearby(pose: Pose, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points within 3 m in `base_link`."""
    offset = points - (pose.x, pose.y)
    offset = offset[np.hypot(offset[:, 0], offset[:, 1]) < 3.0]
    c, s = np.cos(pose.yaw), np.sin(pose.yaw)
    return np.stack([c * offset[:, 0] + s * offset[:, 1], -s * offset[:, 0] + c * offset[:, 1]], -1)


def _clearance(paths: NDArray[np.float64], local: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of every step of every path (paths, steps, 2) to the nearest point, shape (paths, steps)."""
    if len(local) == 0:
        return np.full(paths.shape[:2], 9.0)
    gap = paths[:, :, None, :] - local[None, None]
    distance: NDArray[np.float64] = np.sqrt(np.square(gap).sum(-1).min(-1))
    return distance
