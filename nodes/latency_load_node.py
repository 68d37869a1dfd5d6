"""A camera and a base that exist to time the way from image to command between real processes."""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cairn_interfaces.action import ExploreToGoal
from cairn_interfaces.msg import ExploreStatus
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.action.client import ActionClient
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Float32

from cairn.evaluation.whole_file import write_whole
from cairn.hardware.camera import CameraFrame
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.setting import setting
from cairn.nodes.camera_info_conversion import camera_info_from_model
from cairn.nodes.image_conversion import image_from_frame
from cairn.nodes.lifetime import run_node
from cairn.nodes.odometry_conversion import rotation_about_z
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.stamps import seconds_from_stamp

ODOMETRY_RATE = 50.0
WARM_UP = 5.0
"""Seconds of search that are not counted."""


@dataclass(frozen=True)
class LatencyLoadSettings:
    """What to play, and where to write what was measured."""

    clip: str = setting("file with `images`, `poses` and `rate`, of numpy.savez", "", fixed=True)
    goal: str = setting("image file of a goal that the clip does not show", "", fixed=True)
    report: str = setting("JSON file to write", "", fixed=True)
    field_of_view: float = setting("of the clip [degrees]", 120.0, minimum=10.0, maximum=170.0, fixed=True)
    seconds: float = setting("how long to measure", 60.0, minimum=1.0, maximum=3600.0, fixed=True)


class LatencyLoadNode(Node):
    """Plays a clip to and fro as camera and odometry, asks for a search, and times what comes back.

    For each image that a command answers: milliseconds until the explore node's command and until the
    next one of the gate, seen from here, and what the explore node says of itself.
    """

    def __init__(self) -> None:
        super().__init__("latency_load")
        self._settings = settings = NodeParameters(self, LatencyLoadSettings).value
        try:
            with np.load(settings.clip, allow_pickle=False) as clip:
                self._images, self._poses = clip["images"], clip["poses"]
                self._rate = float(clip["rate"])
        except (OSError, KeyError, ValueError) as error:
            raise CairnError(f"{settings.clip!r} is no clip: {error}") from error
        height, width = self._images.shape[1:3]
        self._camera = CameraModel.pinhole(width, height, settings.field_of_view)
        self._poses[:, 2] = np.unwrap(self._poses[:, 2])
        self._sent: dict[float, float] = {}
        self._waiting: list[tuple[float, float]] = []
        self._own: list[float] = []
        self._frames = 0
        self._asked: Any = None
        self._began = time.perf_counter()
        self._searching_since = float("inf")
        self._samples: list[tuple[float, float]] = []

        self._image = self.create_publisher(Image, "sensors/camera/image", qos_profile_sensor_data)
        self._info = self.create_publisher(CameraInfo, "sensors/camera/camera_info", 1)
        self._odometry = self.create_publisher(Odometry, "platform/odom/filtered", qos_profile_sensor_data)
        self.create_subscription(TwistStamped, "gate/policy", self._on_policy, 10)
        self.create_subscription(Float32, "explore/latency", self._on_latency, 10)
        self.create_subscription(TwistStamped, "cmd_vel", self._on_command, 10)
        self.create_subscription(ExploreStatus, "explore/status", self._on_status, 10)
        self._action: ActionClient[Any, Any, Any] = ActionClient(self, ExploreToGoal, "explore_to_goal")
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1 / self._rate, self._play_image, clock=steady)
        self.create_timer(1 / ODOMETRY_RATE, self._play_odometry, clock=steady)

    def _place(self, seconds: float) -> float:
        """Fractional index of the clip so long after the start, to and fro."""
        last = len(self._images) - 1
        along = (seconds * self._rate) % (2 * last)
        return min(along, 2 * last - along)

    def _play_image(self) -> None:
        now = time.perf_counter()
        stamp = self.get_clock().now().to_msg()
        image = self._images[round(self._place(now - self._began))]
        message = image_from_frame(CameraFrame(image, 0.0, self._frames, "camera_optical"))
        message.header.stamp = stamp
        self._frames += 1
        self._info.publish(camera_info_from_model(self._camera, "camera_optical", stamp))
        self._sent = dict([*self._sent.items()][-20:])
        self._sent[seconds_from_stamp(stamp)] = time.perf_counter()
        self._image.publish(message)
        if now - self._searching_since > WARM_UP + self._settings.seconds:
            self._finish()

    def _play_odometry(self) -> None:
        place = self._place(time.perf_counter() - self._began)
        x, y, yaw = (np.interp(place, np.arange(len(self._poses)), axis) for axis in self._poses.T)
        message = Odometry()
        message.header.stamp = self.get_clock().now().to_msg()
        message.pose.pose.position.x, message.pose.pose.position.y = float(x), float(y)
        message.pose.pose.orientation = rotation_about_z(float(yaw))
        self._odometry.publish(message)

    def _on_status(self, status: ExploreStatus) -> None:
        if self._asked is None and not status.reason and self._action.server_is_ready():
            goal = ExploreToGoal.Goal(goal_image_path=self._settings.goal, goal_node=-1)
            self._asked = self._action.send_goal_async(goal)

    def _on_policy(self, command: TwistStamped) -> None:
        now, sent = time.perf_counter(), self._sent.get(seconds_from_stamp(command.header.stamp))
        if sent is not None:
            self._searching_since = min(self._searching_since, now)
            self._waiting.append((sent, now))

    def _on_latency(self, message: Float32) -> None:
        if self._is_counting():
            self._own.append(1000 * message.data)

    def _on_command(self, command: TwistStamped) -> None:
        # The gate answers a command at once: the first that comes here after it is the answer.
        now = time.perf_counter()
        for sent, policy in self._waiting:
            if self._is_counting():
                self._samples.append((1000 * (policy - sent), 1000 * (now - sent)))
        self._waiting = []

    def _is_counting(self) -> bool:
        return time.perf_counter() - self._searching_since > WARM_UP

    def _finish(self) -> None:
        to_policy, to_command = zip(*self._samples, strict=True) if self._samples else ((), ())
        report = {"explore_ms": self._own, "to_policy_ms": to_policy, "to_command_ms": to_command}
        write_whole(Path(self._settings.report), json.dumps(report))
        self._searching_since = float("inf")
        signal.raise_signal(signal.SIGTERM)  # the orderly end of `run_node`


def main() -> int:
    """Play and measure; returns the exit status."""
    return run_node(LatencyLoadNode)


if __name__ == "__main__":
    sys.exit(main())
