"""Planar odometry and ROS odometry messages."""

from __future__ import annotations

from math import atan2, cos, isfinite, sin

from geometry_msgs.msg import Quaternion
from nav_msgs.msg import Odometry as OdometryMessage

from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import Odometry
from cairn.nodes.stamps import seconds_from_stamp


def odometry_from_message(message: OdometryMessage) -> Odometry:
    """The planar part of a message: x, y, heading, forward speed and turn rate.

    Raises CairnError when one of these is not finite or the orientation is no rotation.
    """
    position, q = message.pose.pose.position, message.pose.pose.orientation
    twist = message.twist.twist
    norm = q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w
    if not 0.5 < norm < 2.0:
        raise CairnError(f"expected an orientation of norm 1, got ({q.x}, {q.y}, {q.z}, {q.w})")
    yaw = atan2(2.0 * (q.w * q.z + q.x * q.y), norm - 2.0 * (q.y * q.y + q.z * q.z))
    values = (position.x, position.y, yaw, twist.linear.x, twist.angular.z)
    if not all(map(isfinite, values)):
        raise CairnError(f"expected finite odometry, got x, y, yaw, linear, angular = {values}")
    return Odometry(seconds_from_stamp(message.header.stamp), *values)


def rotation_about_z(yaw: float) -> Quaternion:
    """The orientation of a heading [rad]."""
    return Quaternion(z=sin(yaw / 2), w=cos(yaw / 2))
