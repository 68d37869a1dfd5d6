"""Publishes with every kind of QoS until it is told to stop, then prints what it published as JSON."""

import json
import sys
import time

import numpy as np
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Image
from std_msgs.msg import String

from cairn.nodes.lifetime import run_node

PERIOD = 0.02
TICKS_UNTIL_LATE = 75


class Talker(Node):
    """Numbered texts on `chatter`, noise on `camera/image`, one text on `latched`; `late` comes later."""

    def __init__(self) -> None:
        super().__init__("talker", namespace="robot")
        self.declare_parameter("speed", 1.5)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.chatter = self.create_publisher(String, "chatter", 10)
        self.image = self.create_publisher(Image, "camera/image", qos_profile_sensor_data)
        self.latched = self.create_publisher(String, "latched", latched)
        self.late = None
        self.latched.publish(String(data="once"))
        self.noise = np.random.default_rng(0)
        self.ticks = 0
        self.worst_lateness = 0.0
        self.last = time.monotonic()
        self.create_timer(PERIOD, self.tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def tick(self) -> None:
        now = time.monotonic()
        self.worst_lateness = max(self.worst_lateness, now - self.last - PERIOD)
        self.last = now
        self.chatter.publish(String(data=str(self.ticks)))
        image = Image(height=48, width=64, encoding="rgb8", step=192)
        image.header.stamp = self.get_clock().now().to_msg()
        image.data.frombytes(self.noise.integers(0, 256, 48 * 192, dtype=np.uint8).tobytes())
        self.image.publish(image)
        if self.ticks == TICKS_UNTIL_LATE:
            self.late = self.create_publisher(String, "late", 10)
        if self.late is not None:
            self.late.publish(String(data=str(self.ticks)))
        self.ticks += 1

    def close(self) -> None:
        self.chatter.publish(String(data="last words"))
        sys.stdout.write(json.dumps({"ticks": self.ticks, "worst_lateness": self.worst_lateness}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(run_node(Talker))
