"""ROS messages and twists."""

from __future__ import annotations

from math import isfinite, nan

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Twist as TwistMessage
from geometry_msgs.msg import TwistStamped

from cairn.hardware.twist import Twist

_NOT_FINITE = Twist(nan, nan)


def twist_from_message(message: TwistMessage) -> Twist:
    """The planar part; a NaN or Inf in any of the six numbers makes the whole not finite."""
    linear, angular = message.linear, message.angular
    if all(map(isfinite, (linear.x, linear.y, linear.z, angular.x, angular.y, angular.z))):
        return Twist(linear.x, angular.z)
    return _NOT_FINITE


def twist_to_message(twist: Twist) -> TwistMessage:
    """A planar geometry_msgs/Twist."""
    message = TwistMessage()
    message.linear.x = twist.linear
    message.angular.z = twist.angular
    return message


def twist_to_stamped_message(twist: Twist, stamp: Time, frame_id: str) -> TwistStamped:
    """A planar geometry_msgs/TwistStamped."""
    message = TwistStamped(twist=twist_to_message(twist))
    message.header.stamp = stamp
    message.header.frame_id = frame_id
    return message
