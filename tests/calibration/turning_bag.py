"""A bag of a robot that turns to and fro, with images whose stamps are late."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rendered_boards import OPTICAL
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from scipy.spatial.transform import Rotation

from cairn.calibration.board.board import Board
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.sim.board_scene import BoardScene
from cairn.hardware.sim.lens_renderer import LensRenderer

_STORE = get_typestore(Stores.ROS2_JAZZY)
_SECONDS = 16.0
_START = 1_700_000_000.0


def write_turning_bag(bag: Path, offset: float) -> Path:
    """Odometry at 50 Hz, images at 10 Hz whose stamps are `offset` [s] late, and their camera info."""
    times = np.arange(0, _SECONDS, 0.002)
    corners = np.arange(0, _SECONDS + 1, 0.8)
    rates = np.interp(times, corners, np.random.default_rng(2).uniform(-0.9, 0.9, len(corners)))
    yaws = np.cumsum(rates) * 0.002
    lens = CameraModel.pinhole(160, 120, 80)
    scene = BoardScene(Board().draw(2000, 0.02), Board().size, 0.02)
    renderer = LensRenderer(scene.model, lens)
    with Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        topics = {
            name: writer.add_connection(name, kind, typestore=_STORE)
            for name, kind in (
                ("/platform/odom", "nav_msgs/msg/Odometry"),
                ("/sensors/camera/image", "sensor_msgs/msg/Image"),
                ("/sensors/camera/camera_info", "sensor_msgs/msg/CameraInfo"),
            )
        }
        entries = []
        for moment in np.arange(0, _SECONDS, 0.02):
            rate = float(np.interp(moment, times, rates))
            entries.append((moment, "/platform/odom", _odometry(moment, rate)))
        for moment in np.arange(0.1, _SECONDS - 0.1, 0.1):
            pose = OPTICAL.copy()
            yaw = float(np.interp(moment, times, yaws))
            pose[:3, :3] = Rotation.from_euler("z", yaw).as_matrix() @ OPTICAL[:3, :3]
            pixels = renderer(scene.data, pose)
            entries.append((moment + offset, "/sensors/camera/image", _image(moment + offset, pixels)))
            entries.append((moment + offset, "/sensors/camera/camera_info", _info(moment + offset, lens)))
        for moment, name, message in sorted(entries, key=lambda entry: entry[0]):
            data = _STORE.serialize_cdr(message, topics[name].msgtype)
            writer.write(topics[name], round((_START + moment + 0.004) * 1e9), data)
    renderer.close()
    return bag


def _header(moment: float):
    stamp = _START + moment
    time = _STORE.types["builtin_interfaces/msg/Time"](int(stamp), round(stamp % 1 * 1e9) % 1_000_000_000)
    return _STORE.types["std_msgs/msg/Header"](time, "camera_optical")


def _odometry(moment: float, rate: float):
    types = {name.rsplit("/", 1)[1]: kind for name, kind in _STORE.types.items() if "geometry_msgs" in name}
    pose = types["Pose"](types["Point"](0.0, 0.0, 0.0), types["Quaternion"](0.0, 0.0, 0.0, 1.0))
    twist = types["Twist"](types["Vector3"](0.0, 0.0, 0.0), types["Vector3"](0.0, 0.0, rate))
    return _STORE.types["nav_msgs/msg/Odometry"](
        _header(moment),
        "base_link",
        types["PoseWithCovariance"](pose, np.zeros(36)),
        types["TwistWithCovariance"](twist, np.zeros(36)),
    )


def _image(moment: float, pixels):
    height, width, _ = pixels.shape
    return _STORE.types["sensor_msgs/msg/Image"](
        _header(moment), height, width, "rgb8", 0, 3 * width, pixels.reshape(-1)
    )


def _info(moment: float, lens: CameraModel):
    region = _STORE.types["sensor_msgs/msg/RegionOfInterest"](0, 0, 0, 0, False)
    matrix = np.array([lens.fx, 0, lens.cx, 0, lens.fy, lens.cy, 0, 0, 1.0])
    projection = np.array([lens.fx, 0, lens.cx, 0, 0, lens.fy, lens.cy, 0, 0, 0, 1.0, 0])
    return _STORE.types["sensor_msgs/msg/CameraInfo"](
        _header(moment),
        lens.height,
        lens.width,
        "plumb_bob",
        np.zeros(5),
        matrix,
        np.eye(3).ravel(),
        projection,
        0,
        0,
        region,
    )
