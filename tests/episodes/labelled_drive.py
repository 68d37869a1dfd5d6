"""A recorded drive with labels, stops and losses, for the tests of what is done with bags."""

from __future__ import annotations

from math import cos, sin
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rosbags.typesys import get_types_from_msg
from rosbags.typesys.store import Typestore
from sample_bags import PROVENANCE, SECOND

from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.message_definitions import MessageDefinitions
from cairn.episodes.offered_qos import OfferedQos
from cairn.episodes.provenance import Attachment
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic

START, KEEP, DISCARD, SUCCESS, FAILURE, INTERVENTION, MARK = range(7)
VOLATILE = OfferedQos(history=1, depth=10, reliability=1)
LATCHED = OfferedQos(history=3, reliability=1, durability=1)
TICK = SECOND // 10


class DriveBag:
    """Writes a bag message by message; times are log times [ns].

    Args:
        bag: the directory to make.
        namespace: of the robot's topics.
        options: of `StorageOptions`.
    """

    def __init__(self, bag: Path, namespace: str = "", **options: Any) -> None:
        self._writer = BagWriter(bag, StorageOptions(min_free_mb=0.0, chunk_kb=16, **options), PROVENANCE)
        self._namespace = namespace
        self._definitions = MessageDefinitions()
        self._stores: dict[str, Typestore] = {}
        self._types: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    def attach(self, name: str, data: bytes) -> None:
        self._writer.attach(Attachment(name, data))

    def add_topic(self, name: str, kind: str, *qos: OfferedQos) -> str:
        full = f"{self._namespace}/{name}" if not name.startswith("/") else name
        definition = self._definitions.find(kind)
        if kind not in self._stores:
            self._stores[kind] = Typestore()
            self._stores[kind].register(get_types_from_msg(definition, kind))
        self._types[full] = kind
        self._writer.add_topic(Topic(full, kind, definition, qos or (VOLATILE,)))
        return full

    def make(self, topic: str, type_name: str, /, **fields: Any) -> Any:
        """A message of `type_name`, a type that the topic's type is made of; what is not given is zero."""
        store = self._stores[self._types[topic]]
        _, entries = store.fielddefs[type_name]
        values = {name: self._zero(topic, description) for name, description in entries}
        return store.types[type_name](**{**values, **fields})

    def _zero(self, topic: str, description: Any) -> Any:
        node, what = description
        if node.name == "NAME":
            return self.make(topic, what)
        if node.name == "BASE":
            return "" if what[0] == "string" else False if what[0] == "bool" else 0
        (inner, detail), length = what
        size = length if node.name == "ARRAY" else 0
        if inner.name == "BASE" and detail[0] != "string":
            names = {"float32": "f4", "float64": "f8", "octet": "u1", "byte": "u1", "char": "u1"}
            return np.zeros(size, names.get(detail[0], detail[0]))
        return [self._zero(topic, (inner, detail)) for _ in range(size)]

    def header(self, topic: str, stamp: int, frame: str = "") -> Any:
        time = self.make(topic, "builtin_interfaces/msg/Time", sec=stamp // SECOND, nanosec=stamp % SECOND)
        return self.make(topic, "std_msgs/msg/Header", stamp=time, frame_id=frame)

    def write(self, topic: str, stamp: int, lost: int = 0, **fields: Any) -> bytes:
        """Publishes a message, after `lost` that the recorder never saw; returns its bytes."""
        kind = self._types[topic]
        message = self.make(topic, kind, **fields)
        data = bytes(self._stores[kind].serialize_cdr(message, kind))
        self._numbers[topic] = self._numbers.get(topic, 0) + 1 + lost
        assert self._writer.write(
            topic, data, stamp, max(0, stamp - 1000), topic.encode(), self._numbers[topic]
        )
        return data

    def close(self) -> None:
        self._writer.close("stopped")


def write_drive(
    bag: Path,
    namespace: str = "",
    camera: str = "raw",
    odometry: bool = True,
    begin: int = 0,
    labels: bool = True,
    **options: Any,
) -> Path:
    """Twenty seconds round a circle at 1 m/s, in ticks of .1 s; returns `bag`.

    Two episodes with `labels`: 000 from 1 s to 8 s with an intervention at 4 s, done and kept; 001 from 10 s
    to 15 s with a mark at 12 s, failed and discarded.  The gate stops from 6 s to 7 s, while three images
    never come; there is a collision at 12.5 s.  `camera` is "raw", "compressed" or "" for none.
    """
    drive = DriveBag(bag, namespace, **options)
    drive.attach("calibration/front.yaml", b"fx: 272.5\n")
    events = drive.add_topic("episode/event", "cairn_interfaces/msg/EpisodeEvent", LATCHED)
    static = drive.add_topic("/tf_static", "tf2_msgs/msg/TFMessage", LATCHED, LATCHED)
    gate = drive.add_topic("gate/status", "cairn_interfaces/msg/GateStatus")
    contact = drive.add_topic("simulation/collision", "cairn_interfaces/msg/CollisionState")
    odom = image = ""
    if odometry:
        odom = drive.add_topic("platform/odom/filtered", "nav_msgs/msg/Odometry")
    if camera == "raw":
        image = drive.add_topic("sensors/camera/image", "sensor_msgs/msg/Image")
    elif camera == "compressed":
        image = drive.add_topic("sensors/camera/image/compressed", "sensor_msgs/msg/CompressedImage")
    told = _told() if labels else {}
    for tick in range(201):
        stamp = begin + tick * TICK
        if tick == 0:
            for child in ("camera_link", "imu_link"):
                _transform(drive, static, stamp, child)
        if tick == 2:
            _transform(drive, static, stamp, "camera_link")
        for kind, fields in told.get(tick, ()):
            drive.write(events, stamp, header=drive.header(events, stamp), kind=kind, **fields)
        if odometry:
            _pose(drive, odom, stamp, tick / 10)
        if image and not 60 < tick < 70 and tick % 2 == 0:
            lost = 3 if tick == 70 else 0
            _picture(drive, image, stamp, tick, camera, lost)
        stopped = 60 <= tick < 70
        drive.write(
            gate,
            stamp,
            header=drive.header(gate, stamp),
            state=0 if stopped else 1,
            reason="camera silent for 0.21 s" if stopped else "",
            source="policy",
        )
        hit = 125 <= tick < 128
        drive.write(
            contact, stamp, header=drive.header(contact, stamp), any=hit, physical=hit, collisions=tick >= 125
        )
    drive.close()
    return bag


def _told() -> dict[int, list[tuple[int, dict[str, str]]]]:
    return {
        10: [(START, {"task": "to the shed", "operator_name": "Ada"})],
        40: [(INTERVENTION, {"note": "curb"})],
        80: [(SUCCESS, {}), (KEEP, {})],
        100: [(START, {"task": "to the gate"})],
        120: [(MARK, {"note": "rain"})],
        150: [(FAILURE, {}), (DISCARD, {})],
    }


def _transform(drive: DriveBag, topic: str, stamp: int, child: str) -> None:
    transform = drive.make(
        topic,
        "geometry_msgs/msg/TransformStamped",
        header=drive.header(topic, stamp, "base_link"),
        child_frame_id=child,
    )
    drive.write(topic, stamp, transforms=[transform])


def _pose(drive: DriveBag, topic: str, stamp: int, seconds: float) -> None:
    radius = 5.0
    angle = seconds / radius
    position = drive.make(
        topic, "geometry_msgs/msg/Point", x=radius * sin(angle), y=radius * (1.0 - cos(angle))
    )
    turn = drive.make(topic, "geometry_msgs/msg/Quaternion", z=sin(angle / 2), w=cos(angle / 2))
    pose = drive.make(topic, "geometry_msgs/msg/Pose", position=position, orientation=turn)
    with_covariance = drive.make(topic, "geometry_msgs/msg/PoseWithCovariance", pose=pose)
    ahead = drive.make(topic, "geometry_msgs/msg/Vector3", x=1.0)
    twist = drive.make(topic, "geometry_msgs/msg/Twist", linear=ahead)
    drive.write(
        topic,
        stamp,
        header=drive.header(topic, stamp, "odom"),
        child_frame_id="base_link",
        pose=with_covariance,
        twist=drive.make(topic, "geometry_msgs/msg/TwistWithCovariance", twist=twist),
    )


def _picture(drive: DriveBag, topic: str, stamp: int, tick: int, camera: str, lost: int) -> None:
    """Its red is the number of the tick."""
    pixels = np.full((24, 32, 3), (tick, 90, 40), np.uint8)
    header = drive.header(topic, stamp, "camera_optical")
    if camera == "compressed":
        _, encoded = cv2.imencode(".png", pixels[..., ::-1])
        drive.write(topic, stamp, lost, header=header, format="png", data=encoded.reshape(-1))
    else:
        padded = np.zeros((24, 100), np.uint8)
        padded[:, :96] = pixels.reshape(24, 96)
        drive.write(
            topic,
            stamp,
            lost,
            header=header,
            height=24,
            width=32,
            encoding="rgb8",
            step=100,
            data=padded.reshape(-1),
        )
