"""A camera and an arm that exist to load the recorder: it publishes an exact number of messages."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image, JointState

from cairn.hardware.errors import CairnError
from cairn.hardware.setting import setting
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters

PATTERNS = 8
_JOINTS = 6
_BURST = 4
PATIENCE = 60.0
"""How long to wait for a recorder [s]."""


@dataclass(frozen=True)
class LoadSettings:
    """What to publish."""

    seconds: float = setting("how long", 5.0, minimum=0.1, maximum=3600.0, fixed=True)
    image_rate: int = setting("images a second", 30, minimum=1, maximum=1000, fixed=True)
    small_rate: int = setting("joint states a second", 1000, minimum=1, maximum=10000, fixed=True)
    width: int = setting("of an image [pixels]", 640, minimum=8, maximum=4096, fixed=True)
    height: int = setting("of an image [pixels]", 480, minimum=8, maximum=4096, fixed=True)


class NoRecorder(CairnError):
    """Nobody listens to what is published."""


class RecorderLoadNode(Node):
    """Publishes exactly `rate * seconds` images and small messages, then ends its process.

    Images are noise, the hardest to compress.  It starts once somebody listens to both topics.

    Raises NoRecorder when nobody does.
    """

    def __init__(self) -> None:
        super().__init__("recorder_load")
        self._settings = settings = NodeParameters(self, LoadSettings).value
        qos = QoSProfile(depth=100)
        self._image = self.create_publisher(Image, "load/image", qos)
        self._small = self.create_publisher(JointState, "load/joint_states", QoSProfile(depth=1000))
        noise = np.random.default_rng(0)
        size = settings.height * settings.width * 3
        self._patterns = [noise.integers(0, 256, size, dtype=np.uint8).tobytes() for _ in range(PATTERNS)]
        self._joints = JointState(name=[f"joint_{number}" for number in range(_JOINTS)])
        self._joints.position = self._joints.velocity = self._joints.effort = [0.0] * _JOINTS
        self._images_sent = self._small_sent = 0
        self._wait_for_listeners()
        self._begun = time.monotonic()
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = self.create_timer(1.0 / settings.small_rate, self._tick, clock=steady)

    def _wait_for_listeners(self) -> None:
        deadline = time.monotonic() + PATIENCE
        for publisher in (self._image, self._small):
            while publisher.get_subscription_count() == 0:
                if time.monotonic() > deadline:
                    raise NoRecorder(f"expected a recorder of {publisher.topic_name}, got none")
                time.sleep(0.05)

    def _tick(self) -> None:
        """Publish what is due: a late timer makes up for it, so that the load is what it says."""
        due = int((time.monotonic() - self._begun) * self._settings.small_rate) + 1
        for _ in range(min(due - self._small_sent, _BURST)):
            self._publish_next()

    def _publish_next(self) -> None:
        settings = self._settings
        if self._small_sent >= settings.small_rate * settings.seconds:
            if not self._timer.is_canceled():
                self._timer.cancel()
                signal.raise_signal(signal.SIGTERM)  # the orderly end of `run_node`
            return
        if self._images_sent * settings.small_rate <= self._small_sent * settings.image_rate:
            # In a flood the middleware may give up waiting for room; the message is lost and was due.
            with suppress(RuntimeError):
                self._image.publish(self._make_image())
            self._images_sent += 1
        self._joints.header.stamp = self.get_clock().now().to_msg()
        with suppress(RuntimeError):
            self._small.publish(self._joints)
        self._small_sent += 1

    def _make_image(self) -> Image:
        width, height = self._settings.width, self._settings.height
        image = Image(width=width, height=height, encoding="rgb8", step=3 * width)
        image.header.stamp = self.get_clock().now().to_msg()
        image.data.frombytes(self._patterns[self._images_sent % PATTERNS])
        return image


def main() -> int:
    """Publish all and end; returns the exit status."""
    return run_node(RecorderLoadNode)


if __name__ == "__main__":
    sys.exit(main())
