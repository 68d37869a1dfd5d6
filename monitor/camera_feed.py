"""The newest camera picture, as the JPEG that pages show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.monitor.errors import MonitorError


@dataclass(frozen=True)
class Picture:
    """`image` is rgb8 of shape (height, width, 3); `arrived` is monotonic [s]."""

    number: int
    arrived: float
    image: NDArray[np.uint8]


class CameraFeed:
    """Holds one picture: a new one replaces it, whoever has not seen it.

    The node's thread puts, the server's takes and encodes, once for all pages.

    Args:
        width: pictures are shown at most so wide [pixels].
        quality: of the JPEG, 1 to 100.

    Attributes:
        watchers: how many pages look; nobody needs to put anything for none.
        on_new: called in the node's thread after each picture.
    """

    def __init__(self, width: int, quality: int) -> None:
        self._width = width
        self._quality = quality
        self._lock = threading.Lock()
        self._newest: Picture | None = None
        self._encoded: tuple[int, bytes] | None = None
        self.watchers = 0
        self.on_new: Callable[[], object] = lambda: None

    @property
    def newest(self) -> Picture | None:
        """The picture that `put` left last."""
        with self._lock:
            return self._newest

    def put(self, image: NDArray[np.uint8], now: float) -> None:
        """A picture arrived: rgb8 of shape (height, width, 3)."""
        with self._lock:
            number = 1 if self._newest is None else self._newest.number + 1
            self._newest = Picture(number, now, image)
        self.on_new()

    def jpeg(self, picture: Picture) -> bytes:
        """The picture as a JPEG; milliseconds of work the first time.  One thread at a time."""
        if self._encoded is None or self._encoded[0] != picture.number:
            self._encoded = (picture.number, self._encode(picture.image))
        return self._encoded[1]

    def _encode(self, image: NDArray[np.uint8]) -> bytes:
        height, width = image.shape[:2]
        shown: object = image
        if width > self._width:
            size = (self._width, max(1, round(height * self._width / width)))
            shown = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        done, data = cv2.imencode(
            ".jpg",
            cv2.cvtColor(shown, cv2.COLOR_RGB2BGR),  # type: ignore[call-overload]
            [cv2.IMWRITE_JPEG_QUALITY, self._quality],
        )
        if not done:
            raise MonitorError(f"a picture of {width}x{height} can't be made a JPEG")
        return data.tobytes()
