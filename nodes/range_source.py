"""Free ranges about the robot, from a lidar where there is one, or from images."""

from __future__ import annotations

from math import isfinite

import numpy as np
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image, LaserScan

from cairn.hardware.errors import CairnError
from cairn.navigation.collection.collector import Ranges
from cairn.nodes.camera_info_conversion import model_from_camera_info
from cairn.nodes.image_conversion import ImageReader
from cairn.nodes.qos_profiles import NEWEST
from cairn.nodes.stamps import seconds_from_stamp
from cairn.policies.bundle import find_bundle, load_bundle
from cairn.policies.recon_policy import ReconPolicy
from cairn.policies.runtime import PolicyRuntime
from cairn.policies.sectors import sector_bearings

OLDEST = 0.6
"""Seconds after which ranges are no longer those about the robot."""


class RangeSource:
    """Listens to `sensors/lidar/scan`, whose frame must point ahead as `base_link` does, and to the camera
    where a bundle is given.

    Raises BundleError when the bundle is refused.
    """

    def __init__(self, node: Node, bundle: str) -> None:
        self._node = node
        self._newest: tuple[Ranges, float] | None = None
        self._policy: ReconPolicy | None = None
        self._reader = ImageReader()
        node.create_subscription(LaserScan, "sensors/lidar/scan", self._on_scan, qos_profile_sensor_data)
        if bundle:
            self._runtime = PolicyRuntime(load_bundle(find_bundle(bundle)), None)
            self._runtime.warm_up()
            node.create_subscription(
                CameraInfo, "sensors/camera/camera_info", self._on_camera_info, qos_profile_sensor_data
            )
            node.create_subscription(Image, "sensors/camera/image", self._on_image, NEWEST)

    def at(self, stamp: float) -> Ranges | None:
        """The newest ranges, if they are young enough at `stamp` [s, ROS clock]."""
        if self._newest is None or not abs(stamp - self._newest[1]) <= OLDEST:
            return None
        return self._newest[0]

    def _on_scan(self, message: LaserScan) -> None:
        metres = np.array(message.ranges, np.float32)
        valid = np.isfinite(metres) & (metres >= message.range_min) & (metres <= message.range_max)
        if not (isfinite(message.angle_min) and isfinite(message.angle_increment)) or not valid.any():
            return
        bearings = message.angle_min + message.angle_increment * np.arange(len(metres))
        bearings = (bearings + np.pi) % (2 * np.pi) - np.pi
        self._newest = (Ranges(bearings[valid], metres[valid]), seconds_from_stamp(message.header.stamp))

    def _on_camera_info(self, message: CameraInfo) -> None:
        if self._policy is not None:
            return
        try:
            camera = model_from_camera_info(message)
            self._policy = ReconPolicy(self._runtime, camera)
            self._reader = ImageReader(camera.width, camera.height)
        except CairnError as error:
            self._node.get_logger().error(str(error), throttle_duration_sec=5.0)

    def _on_image(self, message: Image) -> None:
        if self._policy is None:
            return
        try:
            metres = self._policy.encode(self._reader.read(message).image).ranges
        except CairnError as error:
            self._node.get_logger().warning(str(error), throttle_duration_sec=5.0)
            return
        bearings = sector_bearings(len(metres), self._policy.horizontal_fov)
        self._newest = (Ranges(bearings, metres), seconds_from_stamp(message.header.stamp))
