"""One source of messages in a process of its own, to be killed: `camera`, `odometry` or `policy`."""

from __future__ import annotations

import sys

import numpy as np
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.node import Node
from sensor_msgs.msg import Image

from cairn.nodes.lifetime import run_node
from cairn.nodes.realtime import ask_for_realtime


class EmulatedCamera(Node):
    def __init__(self) -> None:
        super().__init__("emulated_camera")
        ask_for_realtime(5)
        self._noise = np.random.default_rng(2)
        self._images = self.create_publisher(Image, "sensors/camera/image", 1)
        self.create_timer(1 / 30, self._publish)

    def _publish(self) -> None:
        picture = self._noise.integers(0, 256, (120, 160, 3), np.uint8)
        message = Image(height=120, width=160, encoding="rgb8", step=480, data=picture.tobytes())
        message.header.stamp = self.get_clock().now().to_msg()
        self._images.publish(message)


class EmulatedOdometry(Node):
    def __init__(self) -> None:
        super().__init__("emulated_odometry")
        ask_for_realtime(5)
        self._odometry = self.create_publisher(Odometry, "platform/odom/filtered", 1)
        self.create_timer(1 / 50, self._publish)

    def _publish(self) -> None:
        message = Odometry()
        message.header.stamp = self.get_clock().now().to_msg()
        self._odometry.publish(message)


class EmulatedPolicy(Node):
    def __init__(self) -> None:
        super().__init__("emulated_policy")
        ask_for_realtime(5)
        self._twists = self.create_publisher(TwistStamped, "gate/policy", 1)
        self.create_timer(1 / 20, self._publish)

    def _publish(self) -> None:
        message = TwistStamped()
        message.header.stamp = self.get_clock().now().to_msg()
        message.twist.linear.x = 0.4
        self._twists.publish(message)


DEVICES = {"camera": EmulatedCamera, "odometry": EmulatedOdometry, "policy": EmulatedPolicy}

if __name__ == "__main__":
    sys.exit(run_node(DEVICES[sys.argv[1]]))
