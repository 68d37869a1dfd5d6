"""Bags of short drives in an arc, for the tests of trajectories and formats."""

from __future__ import annotations

from io import BytesIO
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.provenance import Provenance
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic

STORE = get_typestore(Stores.ROS2_JAZZY)
INTERFACES = Path(__file__).parents[2] / "ros_ws/src/cairn_interfaces/msg"
for name in ("CollisionState", "EpisodeEvent"):
    kind = f"cairn_interfaces/msg/{name}"
    STORE.register(get_types_from_msg((INTERFACES / f"{name}.msg").read_text(), kind))

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
"""When every drive begins [ns]."""

TYPES = {
    "image": "sensor_msgs/msg/Image",
    "compressed": "sensor_msgs/msg/CompressedImage",
    "camera_info": "sensor_msgs/msg/CameraInfo",
    "odometry": "nav_msgs/msg/Odometry",
    "twist": "geometry_msgs/msg/Twist",
    "twist_stamped": "geometry_msgs/msg/TwistStamped",
    "collision": "cairn_interfaces/msg/CollisionState",
    "event": "cairn_interfaces/msg/EpisodeEvent",
    "imu": "sensor_msgs/msg/Imu",
    "magnetic_field": "sensor_msgs/msg/MagneticField",
    "bearing": "std_msgs/msg/Float64",
    "fix": "sensor_msgs/msg/NavSatFix",
    "scan": "sensor_msgs/msg/LaserScan",
}


def make(type_name: str, **fields: Any) -> Any:
    """A message of rosbags with the given fields, all others zero."""
    if type_name in ("builtin_interfaces/msg/Time", "builtin_interfaces/msg/Duration"):
        return STORE.types[type_name](fields.get("sec", 0), fields.get("nanosec", 0))
    _, definitions = STORE.fielddefs[type_name]
    values = {name: fields.pop(name, None) for name, _ in definitions}
    assert not fields, fields
    for name, (kind, detail) in definitions:
        if values[name] is None:
            values[name] = _zero(kind, detail)
    return STORE.types[type_name](**values)


def _zero(kind: Any, detail: Any) -> Any:
    if kind.name == "BASE":
        return {"string": "", "bool": False}.get(detail[0], 0)
    if kind.name == "NAME":
        return make(detail)
    (element, size) = detail
    if element[0].name == "BASE" and element[1][0] != "string":
        return np.zeros(size, {"bool": np.bool_, "octet": np.uint8}.get(element[1][0], element[1][0]))
    return []


def header(stamp: int, frame: str = "base_link") -> Any:
    """std_msgs/Header."""
    time = make("builtin_interfaces/msg/Time", sec=stamp // SECOND, nanosec=stamp % SECOND)
    return make("std_msgs/msg/Header", stamp=time, frame_id=frame)


def scene(number: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """An image with edges that moves with its number."""
    rows, columns = np.mgrid[0:height, 0:width]
    red = ((columns + 3 * number) // 8 % 2) * 200
    return np.stack([red, rows * 5 % 256, np.full_like(rows, 10 * number % 256)], -1).astype(np.uint8)


def jpeg(number: int) -> bytes:
    """`scene` as JPEG."""
    stream = BytesIO()
    Image.fromarray(scene(number)).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def image(stamp: int, number: int) -> Any:
    pixels = scene(number)
    height, width, _ = pixels.shape
    return make(
        TYPES["image"],
        header=header(stamp, "camera_optical"),
        height=height,
        width=width,
        encoding="rgb8",
        step=3 * width,
        data=pixels.reshape(-1),
    )


def compressed(stamp: int, data: bytes) -> Any:
    return make(
        TYPES["compressed"],
        header=header(stamp, "camera_optical"),
        format="jpeg",
        data=np.frombuffer(data, np.uint8),
    )


def arc(seconds: float) -> tuple[float, float, float]:
    """Pose x, y [m], yaw [rad] on a circle of 2 m at 1 m/s."""
    yaw = seconds / 2.0
    return 2.0 * sin(yaw), 2.0 * (1.0 - cos(yaw)), (yaw + pi) % (2 * pi) - pi


def odometry(stamp: int, pose: tuple[float, float, float], linear: float = 1.0, angular: float = 0.5) -> Any:
    message = make(TYPES["odometry"], header=header(stamp, "odom"))
    message.pose.pose.position.x, message.pose.pose.position.y = pose[:2]
    message.pose.pose.orientation.z = sin(pose[2] / 2)
    message.pose.pose.orientation.w = cos(pose[2] / 2)
    message.twist.twist.linear.x, message.twist.twist.angular.z = linear, angular
    return message


def twist_stamped(stamp: int, linear: float, angular: float) -> Any:
    message = make(TYPES["twist_stamped"], header=header(stamp))
    message.twist.linear.x, message.twist.angular.z = linear, angular
    return message


class DriveBag:
    """Writes messages to a bag with the real writer, by short names of types."""

    def __init__(self, bag: Path, namespace: str = "") -> None:
        self._writer = BagWriter(bag, StorageOptions(min_free_mb=0.0), Provenance("system", "test"))
        self._namespace = namespace

    def write(self, topic: str, kind: str, stamp: int, message: Any) -> None:
        self.write_bytes(topic, kind, stamp, bytes(STORE.serialize_cdr(message, TYPES[kind])))

    def write_bytes(self, topic: str, kind: str, stamp: int, data: bytes) -> None:
        name = topic if topic.startswith("/") else f"{self._namespace}/{topic}"
        definition, _ = STORE.generate_msgdef(TYPES[kind], ros_version=2)
        self._writer.add_topic(Topic(name, TYPES[kind], definition))
        assert self._writer.write(name, data, stamp, stamp)

    def event(self, stamp: int, kind: int, **fields: str) -> None:
        message = make(TYPES["event"], header=header(stamp), kind=kind, **fields)
        self.write("episode/event", "event", stamp, message)

    def close(self) -> None:
        self._writer.close()


def write_drive(
    bag: Path,
    seconds: float = 4.0,
    camera_rate: float = 10.0,
    with_jpeg: bool = False,
    namespace: str = "",
    offset: int = 0,
    **events: Any,
) -> Path:
    """A drive on `arc` with camera, camera_info, odometry at 50 Hz and commands at 20 Hz.

    `with_jpeg` records compressed images.  `events`: `kept=True` marks an episode "first" that is kept.
    """
    writer = DriveBag(bag, namespace)
    begin = START + offset
    if events.get("kept"):
        fields = {"episode": "first", "task": "to the shed", "operator_name": "ada"}
        writer.event(begin, 0, **fields)
    info = make(
        TYPES["camera_info"],
        header=header(begin),
        width=64,
        height=48,
        distortion_model="plumb_bob",
        d=np.zeros(5),
        k=np.array([50.0, 0, 32, 0, 51.0, 24, 0, 0, 1]),
    )
    writer.write("sensors/camera/camera_info", "camera_info", begin, info)
    for tick in range(int(seconds * 100) + 1):
        now = tick / 100
        stamp = begin + tick * SECOND // 100
        if tick % 2 == 0:
            writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(now)))
        if tick % 5 == 0:
            writer.write("cmd_vel", "twist_stamped", stamp, twist_stamped(stamp, 1.0, now))
        if tick % round(100 / camera_rate) == 0:
            number = tick // round(100 / camera_rate)
            if with_jpeg:
                data = compressed(stamp, jpeg(number))
                writer.write("sensors/camera/image/compressed", "compressed", stamp, data)
            else:
                writer.write("sensors/camera/image", "image", stamp, image(stamp, number))
    if events.get("kept"):
        writer.event(begin + int(seconds * SECOND), 1)
    writer.close()
    return bag


def lidar_ranges(number: int) -> NDArray[np.float32]:
    """One range a degree, some of them without a return."""
    ranges = (np.arange(360) / 100 + 1 + number).astype(np.float32)
    ranges[::90] = np.inf
    return ranges


def write_full_drive(bag: Path, steps: int = 16, with_jpeg: bool = True) -> Path:
    """A kept, successful episode at 4 Hz, sharp at every step, with every sensor that a step can hold."""
    writer = DriveBag(bag, "/jackal")
    fields = {"episode": "first", "task": "to the shed", "operator_name": "ada"}
    writer.event(START, 0, **fields)
    info = make(
        TYPES["camera_info"],
        header=header(START),
        width=64,
        height=48,
        distortion_model="equidistant",
        d=np.array([-0.04, -0.01, 0.004, -0.001]),
        k=np.array([50.0, 0, 32, 0, 51.0, 24, 0, 0, 1]),
    )
    writer.write("sensors/camera/camera_info", "camera_info", START, info)
    for number in range(steps):
        now, stamp = number / 4, START + number * SECOND // 4
        if with_jpeg:
            data = compressed(stamp, jpeg(number))
            writer.write("sensors/camera/image/compressed", "compressed", stamp, data)
        else:
            writer.write("sensors/camera/image", "image", stamp, image(stamp, number))
        writer.write("platform/odom/filtered", "odometry", stamp, odometry(stamp, arc(now), 1.0, 0.5))
        writer.write("cmd_vel", "twist_stamped", stamp, twist_stamped(stamp, 1.25, now / 8))
        state = make(
            TYPES["collision"],
            header=header(stamp),
            any=number > 10,
            physical=number > 12,
            close=number > 10,
            flipped=number == 13,
            stuck=number == 14,
            outside_geofence=number == 15,
        )
        writer.write("simulation/collision", "collision", stamp, state)
        imu = make(TYPES["imu"], header=header(stamp))
        imu.linear_acceleration.z, imu.angular_velocity.x = 9.81, now
        writer.write("sensors/imu_0/data", "imu", stamp, imu)
        field = make(TYPES["magnetic_field"], header=header(stamp))
        field.magnetic_field.y = 4e-5
        writer.write("sensors/imu_0/magnetic_field", "magnetic_field", stamp, field)
        writer.write(
            "sensors/imu_0/compass_bearing", "bearing", stamp, make(TYPES["bearing"], data=90.0 + now)
        )
        fix = make(TYPES["fix"], header=header(stamp), latitude=37.5 + now / 1e4, longitude=-122.25)
        fix.status.status = 0 if number % 2 else -1
        writer.write("sensors/gps_0/fix", "fix", stamp, fix)
        scan = make(
            TYPES["scan"],
            header=header(stamp),
            angle_min=0.0,
            angle_max=2 * pi * 359 / 360,
            angle_increment=2 * pi / 360,
            ranges=lidar_ranges(number),
        )
        writer.write("sensors/lidar2d_0/scan", "scan", stamp, scan)
    writer.event(START + (steps - 1) * SECOND // 4, 5, note="curb")
    writer.event(START + (steps - 1) * SECOND // 4, 3)
    writer.event(START + (steps - 1) * SECOND // 4, 1)
    writer.close()
    return bag
