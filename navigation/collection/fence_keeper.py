"""Turns back before the fence."""

from __future__ import annotations

from math import atan2, copysign, pi

from cairn.hardware.twist import Twist
from cairn.navigation.collection.geofence import Geofence
from cairn.navigation.pose import Pose, wrap_angle

_HEADINGS = 36
_ENOUGH = 4.0
_ALIGNED = 0.25
_REACTION = 0.8


class FenceKeeper:
    """A wrapper about whoever drives: twists that lead to the fence become a turn towards more room.

    Args:
        fence: in the frame of the poses.
        margin: what must be left before the fence when the robot has stopped [m].
        turn_rate: of its turns [rad/s].
    """

    def __init__(self, fence: Geofence, margin: float = 1.0, turn_rate: float = 0.8) -> None:
        self._fence = fence
        self._margin = margin
        self._turn_rate = turn_rate
        self._heading: float | None = None

    def keep(self, pose: Pose, twist: Twist) -> Twist:
        """The twist where it stays inside, else one that leads back."""
        if not self._fence.contains(pose.x, pose.y):
            x, y = self._fence.nearest(pose.x, pose.y)
            self._heading = atan2(y - pose.y, x - pose.x)
            return self._turn(pose) or Twist(min(abs(twist.linear) or 0.3, 0.4), 0.0)
        if twist.linear < 0:
            room = self._fence.room(pose.x, pose.y, pose.yaw + pi)
            return twist if room > self._needed(twist) else Twist(0.0, twist.angular)
        room = self._fence.room(pose.x, pose.y, pose.yaw)
        if self._heading is None:
            if room >= self._needed(twist):
                return twist
            self._heading = self._way_back(pose)
        turn = self._turn(pose)
        if turn is not None:
            return turn
        self._heading = None
        return twist if room >= self._needed(twist) else Twist(0.0, self._turn_rate)

    def _needed(self, twist: Twist) -> float:
        return self._margin + _REACTION * abs(twist.linear)

    def _turn(self, pose: Pose) -> Twist | None:
        assert self._heading is not None
        left = wrap_angle(self._heading - pose.yaw)
        return None if abs(left) < _ALIGNED else Twist(0.0, copysign(self._turn_rate, left))

    def _way_back(self, pose: Pose) -> float:
        """The heading with room enough for which the robot turns least."""
        headings = [pose.yaw + 2 * pi * step / _HEADINGS for step in range(_HEADINGS)]
        rooms = [self._fence.room(pose.x, pose.y, heading) for heading in headings]
        enough = min(_ENOUGH, 0.8 * max(rooms))
        good = [heading for heading, room in zip(headings, rooms, strict=True) if room >= enough]
        return min(good, key=lambda heading: abs(wrap_angle(heading - pose.yaw)))
