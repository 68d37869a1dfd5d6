"""A base in a process of its own that honours the contract of MobileBase: it brakes when commands cease."""

from __future__ import annotations

import sys
import time

from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from cairn.hardware.twist import Twist, TwistLimits
from cairn.hardware.twist_limiter import TwistLimiter
from cairn.nodes.lifetime import run_node
from cairn.nodes.realtime import ask_for_realtime

COMMAND_TIMEOUT = 0.25
PERIOD = 0.01


class EmulatedBase(Node):
    """Publishes its speed on `base/odometry`."""

    def __init__(self) -> None:
        super().__init__("emulated_base")
        ask_for_realtime(5)
        self._limiter = TwistLimiter(TwistLimits(2.0, 4.0, 5.0, 20.0))
        self._wanted = Twist()
        self._commanded_at = 0.0
        self._odometry = self.create_publisher(Odometry, "base/odometry", 1)
        self.create_subscription(TwistStamped, "cmd_vel", self._on_command, 1)
        self.create_timer(PERIOD, self._step, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _on_command(self, message: TwistStamped) -> None:
        self._wanted = Twist(message.twist.linear.x, message.twist.angular.z)
        self._commanded_at = time.monotonic()

    def _step(self) -> None:
        if time.monotonic() - self._commanded_at > COMMAND_TIMEOUT:
            self._wanted = Twist()
        speed = self._limiter.limit(self._wanted, PERIOD)
        message = Odometry()
        message.header.stamp = self.get_clock().now().to_msg()
        message.twist.twist.linear.x = speed.linear
        self._odometry.publish(message)


if __name__ == "__main__":
    sys.exit(run_node(EmulatedBase))
