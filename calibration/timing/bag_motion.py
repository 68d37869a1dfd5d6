"""Motion and clocks of the streams in a bag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.image_source import images_in
from cairn.calibration.timing.image_motion import ImageMotion
from cairn.calibration.timing.motion_signal import MotionSignal
from cairn.calibration.timing.stream_clock import StreamClock, stream_clock
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.message_values import camera_model, header_stamp
from cairn.hardware.camera_model import CameraModel

IMAGES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")
_TURNING = {"nav_msgs/msg/Odometry": "yaw rate", "sensor_msgs/msg/Imu": "yaw rate"}
_JOINTS = "sensor_msgs/msg/JointState"
_LONGEST = 0.5  # [s] between images that can be compared


def motion_in_bag(bag: Path, topic: str, camera: CameraModel | None = None) -> MotionSignal:
    """How fast the robot turned by one stream: odometry, IMU, joint states or images.

    Odometry and IMU give the yaw rate; a camera that looks ahead gives the same from its images.  Joint
    states give the root of the sum of squared joint speeds.

    Args:
        bag: the bag.
        topic: of the stream.
        camera: intrinsics of images; those of the bag's camera info if None.

    Raises CalibrationError for a topic of another type or without enough motion, BagError for a bad bag.
    """
    reader = BagReader(bag)
    if topic not in reader.topics:
        raise CalibrationError(f"the bag has no topic {topic}; it has {', '.join(sorted(reader.topics))}")
    kind = reader.topics[topic][0].type
    if kind in IMAGES:
        return _of_images(bag, topic, camera or _camera(reader, topic))
    if kind not in (*_TURNING, _JOINTS):
        valid = ", ".join((*IMAGES, *_TURNING, _JOINTS))
        raise CalibrationError(f"{topic} is of type {kind}, which shows no motion; valid: {valid}")
    times, values = [], []
    for message in reader.messages([topic]):
        content = reader.decode(message)
        stamp = header_stamp(content)
        if stamp is not None:
            times.append(stamp)
            values.append(_value(content, kind))
    return _joint_speed(topic, times, values) if kind == _JOINTS else _ordered(topic, times, values)


def clocks_in_bag(bag: Path) -> dict[str, StreamClock]:
    """Rate, jitter, delay and drift of each stream whose messages are stamped, by topic."""
    reader = BagReader(bag)
    stamps: dict[str, list[tuple[float, float]]] = {}
    for message in reader.messages():
        stamp = _header(message.data)
        if stamp is not None and "header" in message.topic.definition.lower():
            stamps.setdefault(message.topic.name, []).append((stamp, message.log_time * 1e-9))
    clocks = {}
    for name, pairs in sorted(stamps.items()):
        first, arrivals = np.array(pairs).T
        try:
            clocks[name] = stream_clock(first, arrivals)
        except CalibrationError:
            continue  # latched, seldom or not stamped by a clock: it has no rhythm
    return clocks


def _header(data: bytes) -> float | None:
    """The stamp that a message with a header begins with, without decoding the rest (CDR, little endian)."""
    if len(data) < 12 or data[1] != 1:
        return None
    seconds, nanoseconds = np.frombuffer(data[4:12], "<u4").tolist()
    return seconds + nanoseconds * 1e-9 if seconds or nanoseconds else None


def _value(content: Any, kind: str) -> Any:
    if kind == _JOINTS:
        return np.array(content.position, np.float64)
    if kind == "nav_msgs/msg/Odometry":
        return float(content.twist.twist.angular.z)
    return float(content.angular_velocity.z)


def _joint_speed(name: str, times: list[float], positions: list[NDArray[np.float64]]) -> MotionSignal:
    sizes = [len(one) for one in positions]
    usual = max(set(sizes), key=sizes.count) if sizes else 0
    kept = [index for index, size in enumerate(sizes) if size == usual]
    stamps = np.array([times[index] for index in kept])
    if len(kept) < 3 or (np.diff(stamps) <= 0).any():
        raise CalibrationError(f"{name}: expected joint states with stamps that grow")
    steps = np.diff(np.array([positions[index] for index in kept]), axis=0) / np.diff(stamps)[:, None]
    return MotionSignal(name, (stamps[1:] + stamps[:-1]) / 2, np.linalg.norm(steps, axis=1))


def _ordered(name: str, times: list[float], values: list[float]) -> MotionSignal:
    stamps, places = np.unique(np.array(times), return_index=True)
    return MotionSignal(name, stamps, np.array(values)[places])


def _of_images(bag: Path, topic: str, camera: CameraModel) -> MotionSignal:
    motion, before = ImageMotion(camera), None
    times, values = [], []
    for image in images_in(bag, topic):
        assert image.stamp is not None
        turn = motion(image.pixels)
        if turn is not None and before is not None and 0 < image.stamp - before < _LONGEST:
            times.append((image.stamp + before) / 2)
            # y of an optical frame points down, so a turn to the left is negative about it.
            values.append(-float(turn[1]) / (image.stamp - before))
        before = image.stamp
    return _ordered(topic, times, values)


def _camera(reader: BagReader, topic: str) -> CameraModel:
    folder = topic.split("/image")[0]
    infos = [
        name
        for name, (found, _) in reader.topics.items()
        if found.type == "sensor_msgs/msg/CameraInfo" and name.startswith(folder)
    ]
    for message in reader.messages(infos) if infos else ():
        model = camera_model(reader.decode(message))
        if model is not None:
            return model
    raise CalibrationError(f"the bag has no camera info beside {topic}: name the camera's intrinsics")
