"""Messages made from steps, without ROS."""

from __future__ import annotations

from math import cos, pi, sin
from typing import Any

import numpy as np

from cairn.episodes.message_factory import MessageFactory
from cairn.episodes.picture import Picture
from cairn.episodes.step import LIDAR_BEAMS, CollisionFlags
from cairn.hardware.camera_model import CameraModel

BASE, ODOM, OPTICAL = "base_link", "odom", "camera_optical"
COLLISION_TYPE = "cairn_interfaces/msg/CollisionState"
COLLISION_DEFINITION = """\
# What a collection run labels, as in the RECON data set.
std_msgs/Header header
bool any
bool physical
bool close
bool flipped
bool stuck
bool outside_geofence
uint32 collisions              # distinct events so far
"""
"""As in `cairn_interfaces`, which need not be installed where data sets are converted."""


_MESSAGES = MessageFactory({COLLISION_TYPE: COLLISION_DEFINITION})
topic_of, serialise, header = _MESSAGES.topic_of, _MESSAGES.serialise, _MESSAGES.header
_make = _MESSAGES.make


def compressed_image(stamp: int, jpeg: bytes) -> Any:
    """sensor_msgs/CompressedImage."""
    data = np.frombuffer(jpeg, np.uint8)
    return _make("sensor_msgs/msg/CompressedImage", header(stamp, OPTICAL), "jpeg", data)


def image(stamp: int, picture: Picture) -> Any:
    """sensor_msgs/Image, rgb8."""
    pixels = picture.pixels()
    height, width, _ = pixels.shape
    data = pixels.reshape(-1)
    return _make("sensor_msgs/msg/Image", header(stamp, OPTICAL), height, width, "rgb8", 0, 3 * width, data)


def camera_info(stamp: int, camera: CameraModel) -> Any:
    """sensor_msgs/CameraInfo, not rectified."""
    k = np.array([camera.fx, 0.0, camera.cx, 0.0, camera.fy, camera.cy, 0.0, 0.0, 1.0])
    p = np.zeros((3, 4))
    p[:, :3] = k.reshape(3, 3)
    region = _make("sensor_msgs/msg/RegionOfInterest", 0, 0, 0, 0, False)
    distortion = np.array(camera.distortion, np.float64)
    return _make(
        "sensor_msgs/msg/CameraInfo",
        header(stamp, OPTICAL),
        camera.height,
        camera.width,
        camera.distortion_model,
        distortion,
        k,
        np.eye(3).reshape(-1),
        p.reshape(-1),
        0,
        0,
        region,
    )


def odometry(stamp: int, pose: tuple[float, float, float], linear: float, angular: float) -> Any:
    """nav_msgs/Odometry of `base_link` in `odom`; all covariances zero: unknown."""
    x, y, yaw = pose
    at = _make("geometry_msgs/msg/Pose", _make("geometry_msgs/msg/Point", x, y, 0.0), _about_z(yaw))
    return _make(
        "nav_msgs/msg/Odometry",
        header(stamp, ODOM),
        BASE,
        _make("geometry_msgs/msg/PoseWithCovariance", at, np.zeros(36)),
        _make("geometry_msgs/msg/TwistWithCovariance", _twist(linear, angular), np.zeros(36)),
    )


def twist_stamped(stamp: int, linear: float, angular: float) -> Any:
    """geometry_msgs/TwistStamped."""
    return _make("geometry_msgs/msg/TwistStamped", header(stamp, BASE), _twist(linear, angular))


def collision_state(stamp: int, flags: CollisionFlags) -> Any:
    """cairn_interfaces/CollisionState."""
    return _make(COLLISION_TYPE, header(stamp, BASE), *flags, 0)


def imu(stamp: int, acceleration: tuple[float, float, float], turn_rate: tuple[float, float, float]) -> Any:
    """sensor_msgs/Imu; its orientation is marked as unknown."""
    unknown = np.zeros(9)
    unknown[0] = -1.0
    return _make(
        "sensor_msgs/msg/Imu",
        header(stamp, "imu_link"),
        _make("geometry_msgs/msg/Quaternion", 0.0, 0.0, 0.0, 1.0),
        unknown,
        _vector(*turn_rate),
        np.zeros(9),
        _vector(*acceleration),
        np.zeros(9),
    )


def magnetic_field(stamp: int, field: tuple[float, float, float]) -> Any:
    """sensor_msgs/MagneticField."""
    return _make("sensor_msgs/msg/MagneticField", header(stamp, "imu_link"), _vector(*field), np.zeros(9))


def bearing(value: float) -> Any:
    """std_msgs/Float64, which has no header."""
    return _make("std_msgs/msg/Float64", value)


def fix(stamp: int, latitude: float, longitude: float, fixed: bool) -> Any:
    """sensor_msgs/NavSatFix; its altitude is unknown."""
    status = _make("sensor_msgs/msg/NavSatStatus", 0 if fixed else -1, 1)
    return _make(
        "sensor_msgs/msg/NavSatFix",
        header(stamp, "gps_link"),
        status,
        latitude,
        longitude,
        float("nan"),
        np.zeros(9),
        0,
    )


def scan(stamp: int, ranges: np.ndarray[Any, np.dtype[np.float32]]) -> Any:
    """sensor_msgs/LaserScan of a whole turn in whole degrees, counter-clockwise from straight ahead."""
    increment = 2.0 * pi / LIDAR_BEAMS
    return _make(
        "sensor_msgs/msg/LaserScan",
        header(stamp, "lidar_link"),
        0.0,
        increment * (LIDAR_BEAMS - 1),
        increment,
        0.0,
        0.0,
        0.0,
        float("inf"),
        ranges,
        np.zeros(0, np.float32),
    )


def _twist(linear: float, angular: float) -> Any:
    return _make("geometry_msgs/msg/Twist", _vector(linear, 0.0, 0.0), _vector(0.0, 0.0, angular))


def _vector(x: float, y: float, z: float) -> Any:
    return _make("geometry_msgs/msg/Vector3", x, y, z)


def _about_z(yaw: float) -> Any:
    return _make("geometry_msgs/msg/Quaternion", 0.0, 0.0, sin(yaw / 2), cos(yaw / 2))
