"""The learned safety that every method shares."""

from __future__ import annotations

from math import cos, hypot, radians, sin

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist
from cairn.navigation.local_map import LocalMap
from cairn.navigation.local_planner import LocalPlanner, Steering
from cairn.navigation.pose import Pose
from cairn.navigation.searcher import Observation
from cairn.policies.action import Action
from cairn.policies.embedding import Embedding

_TURNS_ON_THE_SPOT = 0.25  # [m] a last waypoint nearer than this asks for a turn, which no arc expresses


class LocalDriver:
    """Drives towards points and along waypoints by the explorer's own map and planner of the near field.

    What stands in the way is known from the policy's predicted ranges alone.
    """

    def __init__(self, horizontal_fov: float, speed: float) -> None:
        """`horizontal_fov` of the predicted ranges [degrees], `speed` [m/s]."""
        self._half_view = radians(horizontal_fov) / 2
        self._map = LocalMap(horizontal_fov)
        self._planner = LocalPlanner(speed)
        self._ranges = np.zeros(0, np.float32)
        self.pose = Pose()

    def begin(self) -> None:
        """Forget what stood around: odometry may have restarted."""
        self._map.clear()

    def look(self, observation: Observation, here: Embedding, reversing: bool = False) -> None:
        """Take in one observation; `reversing` says which way the robot was driving when it hit something."""
        odometry = observation.odometry
        self.pose = Pose(odometry.x, odometry.y, odometry.yaw)
        self._ranges = here.ranges
        self._map.update(self.pose, here.ranges, observation.stamp)
        if observation.collided:
            self._map.bumped(self.pose, not reversing, observation.stamp)

    def towards(self, x: float, y: float) -> Steering:
        """Drive to a point of the odometry frame [m]."""
        return self._planner.steer(self.pose, (x, y), self._map.points)

    def along(self, heading: float, reach: float = 3.0) -> Steering:
        """Drive in a direction of the odometry frame [rad]."""
        return self.towards(self.pose.x + reach * cos(heading), self.pose.y + reach * sin(heading))

    def follow(self, action: Action) -> Twist:
        """What the policy's first action asks for, as far as it is safe."""
        x, y = (float(value) for value in action.waypoints[0, -1])
        if hypot(x, y) < _TURNS_ON_THE_SPOT:
            return Twist(0.0, float(action.twist[0, 1]))
        target = self.pose @ (x, y, 0.0)
        return self.towards(target.x, target.y).twist

    @property
    def free_ranges(self) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Headings in the odometry frame [rad] and predicted free metres of each sector, shape (S,) both."""
        count = len(self._ranges)
        bearings = self._half_view * (1 - 2 * (np.arange(count) + 0.5) / count)
        return self.pose.yaw + bearings, self._ranges
