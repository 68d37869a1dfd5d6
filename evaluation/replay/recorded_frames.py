"""The camera's pictures in a bag, and the camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.mcap_source import BagMessage
from cairn.evaluation.replay.recorded_drive import find_namespace
from cairn.evaluation.replay.time_window import TimeWindow
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError

IMAGE, CAMERA_INFO = "sensors/camera/image", "sensors/camera/camera_info"

_CHANNELS = {"rgb8": 3, "bgr8": 3, "mono8": 1}
_TYPES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")


@dataclass(frozen=True)
class RecordedFrame:
    """One picture: stamp [s], log time [ns], RGB uint8 of shape (height, width, 3)."""

    stamp: float
    log_time: int
    image: NDArray[np.uint8]


class RecordedFrames:
    """The pictures in a part of a bag, in the order of their log times.

    Args:
        every: only every so many-th.

    Raises CairnError when the bag has no such topic, or this part of it no picture.
    """

    def __init__(self, reader: BagReader, window: TimeWindow, namespace: str = "", every: int = 1) -> None:
        self._reader = reader
        self._window = window
        self._every = every
        self.prefix = (namespace or _image_namespace(reader)).rstrip("/") + "/"
        found = [self.prefix + name for name in (IMAGE, f"{IMAGE}/compressed")]
        self._topic = next((name for name in found if name in reader.topics), "")
        if not self._topic:
            raise CairnError(
                f"expected a topic {found[0]} in the bag; it has {', '.join(sorted(reader.topics))}"
            )
        kind = reader.topics[self._topic][0].type
        if kind not in _TYPES:
            raise CairnError(f"expected {' or '.join(_TYPES)} on {self._topic}, got {kind}")
        newest: BagMessage | None = None
        self._count = 0
        for message in reader.messages([self._topic]):
            if message.log_time in window:
                newest = message
                self._count += 1
        if newest is None:
            raise CairnError(
                f"this part of the bag ({window.seconds:.1f} s) holds no image on {self._topic}: the "
                "episode is empty"
            )
        self.last = self._frame(newest)

    def __len__(self) -> int:
        return -(-self._count // self._every)

    def __iter__(self) -> Iterator[RecordedFrame]:
        number = 0
        for message in self._reader.messages([self._topic]):
            if message.log_time in self._window:
                if number % self._every == 0:
                    yield self._frame(message)
                number += 1

    def camera(self) -> CameraModel | None:
        """By the bag's camera info; None where there is none.  Raises CairnError for an uncalibrated one."""
        topic = self.prefix + CAMERA_INFO
        if not self._reader.topics.get(topic, (None, 0))[1]:
            return None
        info = self._reader.decode(next(self._reader.messages([topic])))
        if not info.k[0]:
            raise CairnError(f"the camera info on {topic} is uncalibrated (K[0] is 0)")
        model, distortion = info.distortion_model or "plumb_bob", tuple(map(float, info.d))
        if model == "plumb_bob" and not distortion:
            distortion = (0.0,) * 5
        fx, fy, cx, cy = (float(info.k[place]) for place in (0, 4, 2, 5))
        return CameraModel(int(info.width), int(info.height), fx, fy, cx, cy, model, distortion)

    def _frame(self, message: BagMessage) -> RecordedFrame:
        content = self._reader.decode(message)
        stamp = content.header.stamp.sec + 1e-9 * content.header.stamp.nanosec
        return RecordedFrame(stamp, message.log_time, _pixels(content, message))


def _image_namespace(reader: BagReader) -> str:
    try:
        return find_namespace(reader, IMAGE)
    except CairnError:
        compressed = f"{IMAGE}/compressed"
        if any(name.endswith(f"/{compressed}") for name in reader.topics):
            return find_namespace(reader, compressed)
        raise


def _pixels(content: Any, message: BagMessage) -> NDArray[np.uint8]:
    where = f"the image on {message.topic.name} at {message.log_time * 1e-9:.3f} s"
    if message.topic.type.endswith("CompressedImage"):
        decoded = cv2.imdecode(np.asarray(content.data, np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            raise CairnError(f"{where} can't be decoded: expected JPEG or PNG, got format {content.format!r}")
        return np.ascontiguousarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)
    channels = _CHANNELS.get(content.encoding)
    if channels is None:
        raise CairnError(f"{where} has encoding {content.encoding!r}; valid: {', '.join(_CHANNELS)}")
    height, width, step = int(content.height), int(content.width), int(content.step)
    if step < width * channels or len(content.data) != step * height or not height * width:
        raise CairnError(
            f"{where} says {width}x{height} in rows of {step} bytes, but has {len(content.data)}"
        )
    rows = np.asarray(content.data, np.uint8).reshape(height, step)[:, : width * channels]
    image = rows.reshape(height, width, channels)
    if content.encoding == "rgb8":
        return np.ascontiguousarray(image)
    code = cv2.COLOR_BGR2RGB if content.encoding == "bgr8" else cv2.COLOR_GRAY2RGB
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), code), np.uint8)
