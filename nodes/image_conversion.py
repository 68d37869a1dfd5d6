"""Camera frames and ROS image messages."""

from __future__ import annotations

import array
from collections import Counter
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image

from cairn.hardware.camera import CameraFrame
from cairn.hardware.errors import CairnError
from cairn.nodes.stamps import seconds_from_stamp, stamp_from_seconds

ENCODINGS = {"rgb8": 3, "bgr8": 3, "mono8": 1}
LARGEST_SIDE = 8192
_JPEG_QUALITY = 92
# A decoder fills what is missing of a cut file with grey and calls it a success.
_ENDINGS = {b"\xff\xd8\xff": b"\xff\xd9", b"\x89PNG\r\n\x1a\n": b"IEND\xaeB`\x82"}


class Refusal(Enum):
    """Why an image message was refused."""

    ENCODING = "encoding"
    SIZE = "size"
    DATA = "data"


class ImageRefused(CairnError):
    """An image message is not what it says it is, or not what is expected."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


def image_from_frame(frame: CameraFrame) -> Image:
    """The frame as an rgb8 message."""
    height, width = frame.image.shape[:2]
    message = Image(height=height, width=width, encoding="rgb8", is_bigendian=0, step=3 * width)
    message.header.stamp = stamp_from_seconds(frame.stamp)
    message.header.frame_id = frame.frame_id
    # Anything but an array.array of type B is checked number by number: 70 ms instead of .1 for 640x480.
    data = array.array("B")
    data.frombytes(frame.image.data.cast("B"))
    message.data = data
    return message


def compressed_from_frame(frame: CameraFrame) -> CompressedImage:
    """The frame as a JPEG message."""
    pixels = cv2.cvtColor(np.asarray(frame.image), cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    message = CompressedImage(format="jpeg")
    message.header.stamp = stamp_from_seconds(frame.stamp)
    message.header.frame_id = frame.frame_id
    data = array.array("B")
    data.frombytes(encoded.data)
    message.data = data
    return message


class ImageReader:
    """Turns image messages into frames, refuses those that are not right and counts them.

    Args:
        width, height: the size that messages must have; None takes any up to 8192 pixels a side.

    Attributes:
        refused: how many messages were refused, by reason.
    """

    def __init__(self, width: int | None = None, height: int | None = None) -> None:
        self._size = (width, height)
        self._sequence = 0
        self.refused: Counter[Refusal] = Counter()

    def read(self, message: Image | CompressedImage) -> CameraFrame:
        """The frame in a message, with rows unpadded and colours in RGB order.

        Its sequence counts messages read: a ROS 2 header carries no count of the sensor's.
        Raises ImageRefused.
        """
        try:
            if isinstance(message, CompressedImage):
                image = self._decompressed(message)
            else:
                image = self._unpacked(message)
        except ImageRefused as error:
            self.refused[error.refusal] += 1
            raise
        self._sequence += 1
        header = message.header
        return CameraFrame(image, seconds_from_stamp(header.stamp), self._sequence - 1, header.frame_id)

    def _unpacked(self, message: Image) -> NDArray[np.uint8]:
        channels = ENCODINGS.get(message.encoding)
        if channels is None:
            raise ImageRefused(
                Refusal.ENCODING,
                f"image encoding {message.encoding!r} is unknown; valid: {', '.join(ENCODINGS)}",
            )
        width, height, step = message.width, message.height, message.step
        self._check_size(width, height)
        if step < width * channels:
            raise ImageRefused(
                Refusal.DATA,
                f"expected a row step of at least {width * channels} bytes for {width} pixels of "
                f"{message.encoding}, got {step}",
            )
        if len(message.data) != step * height:
            raise ImageRefused(
                Refusal.DATA,
                f"expected {step * height} bytes ({height} rows of {step}), got {len(message.data)}",
            )
        rows = np.frombuffer(message.data, np.uint8).reshape(height, step)[:, : width * channels]
        image = rows.reshape(height, width, channels)
        if message.encoding == "bgr8":
            return _array(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        if message.encoding == "mono8":
            return _array(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB))
        # The message keeps its bytes: a copy, so that the frame stays as it is whatever becomes of them.
        return np.array(image)

    def _decompressed(self, message: CompressedImage) -> NDArray[np.uint8]:
        data = bytes(message.data)
        ending = next((end for start, end in _ENDINGS.items() if data.startswith(start)), None)
        if ending is None:
            raise ImageRefused(
                Refusal.ENCODING, f"expected JPEG or PNG, got format {message.format!r} with {data[:4]!r}…"
            )
        if not data.rstrip(b"\0").endswith(ending):
            raise ImageRefused(Refusal.DATA, f"the {message.format} image is cut off after {len(data)} bytes")
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        if image is None:
            raise ImageRefused(Refusal.DATA, f"the {message.format} image can't be decoded")
        height, width = image.shape[:2]
        self._check_size(width, height)
        return _array(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))

    def _check_size(self, width: int, height: int) -> None:
        if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
            raise ImageRefused(
                Refusal.SIZE, f"expected an image of 1 to {LARGEST_SIDE} pixels a side, got {width}x{height}"
            )
        wanted_width, wanted_height = self._size
        if wanted_width not in (None, width) or wanted_height not in (None, height):
            raise ImageRefused(
                Refusal.SIZE, f"expected an image of {wanted_width}x{wanted_height}, got {width}x{height}"
            )


def _array(image: object) -> NDArray[np.uint8]:
    return np.asarray(image, dtype=np.uint8)
