"""A camera that plays a video file or a folder of images as if live."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera import CameraLost
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.frame_source import FrameSource, SensorFrame
from cairn.hardware.streaming_camera import StreamingCamera

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
_POLL = 0.25


class FileCamera(StreamingCamera):
    """Plays images at `rate` per second with stamps of now, so that everything downstream runs as on a robot.

    Args:
        path: a video that OpenCV can read, or a folder of images played in the order of their names.
        model: intrinsics; its size must be that of the images.
        rate: images per second.
        loop: begin again at the end; otherwise the camera is lost there.
        frame_id: optical frame of the images.
    """

    def __init__(
        self,
        path: Path,
        model: CameraModel,
        *,
        rate: float,
        loop: bool = False,
        frame_id: str = "camera_optical",
    ) -> None:
        super().__init__(frame_id)
        if not 0.1 <= rate <= 240:
            raise CairnError(f"a file camera's rate must lie in [0.1, 240] Hz, got {rate}")
        self._path = path
        self._file_model = model
        self._rate = rate
        self._loop = loop

    def _open(self) -> FrameSource:
        images = _Folder(self._path) if self._path.is_dir() else _Video(self._path)
        try:
            return _FileSource(images, self._file_model, self._rate, self._loop)
        except CairnError:
            images.close()
            raise


class _Images(ABC):
    """Images in order."""

    name: str

    @abstractmethod
    def next(self) -> NDArray[np.uint8] | None:
        """BGR, or None at the end."""

    @abstractmethod
    def rewind(self) -> None:
        """Go back to the first."""

    @abstractmethod
    def close(self) -> None:
        """Release the file."""


class _Folder(_Images):
    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._paths = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in IMAGE_SUFFIXES)
        if not self._paths:
            raise CairnError(f"expected images ({', '.join(IMAGE_SUFFIXES)}) in {path}, found none")
        self._index = 0

    def next(self) -> NDArray[np.uint8] | None:
        if self._index >= len(self._paths):
            return None
        path = self._paths[self._index]
        self._index += 1
        image = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        if image is None:
            raise CameraLost(f"expected an image, got {path}, which can't be decoded")
        self.name = str(path)
        return np.asarray(image, dtype=np.uint8)

    def rewind(self) -> None:
        self._index = 0

    def close(self) -> None:
        self._paths = []


class _Video(_Images):
    def __init__(self, path: Path) -> None:
        self.name = str(path)
        if not path.is_file():
            raise CameraLost(f"expected a video file or a folder of images, got {path}, which is neither")
        self._capture = cv2.VideoCapture(str(path))
        if not self._capture.isOpened():
            raise CairnError(f"expected a video that OpenCV can read, got {path}")

    def next(self) -> NDArray[np.uint8] | None:
        arrived, image = self._capture.read()
        return np.asarray(image, dtype=np.uint8) if arrived else None

    def rewind(self) -> None:
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)

    def close(self) -> None:
        self._capture.release()


class _FileSource(FrameSource):
    """Paces the images by the monotonic clock."""

    def __init__(self, images: _Images, model: CameraModel, rate: float, loop: bool) -> None:
        self._images = images
        self._model = model
        self._period = 1.0 / rate
        self._loop = loop
        self._due = time.monotonic()
        self._number = 0
        # A wrong size is a mistake to be told at start, not in the middle of a run.
        self._next: NDArray[np.uint8] | None = self._fetch()

    @property
    def model(self) -> CameraModel:
        return self._model

    def grab(self) -> SensorFrame | None:
        wait = self._due - time.monotonic()
        if wait > _POLL:
            time.sleep(_POLL)
            return None
        if wait > 0:
            time.sleep(wait)
        image = self._fetch() if self._next is None else self._next
        self._next = None
        self._due = max(self._due + self._period, time.monotonic())
        self._number += 1
        return SensorFrame(image, time.time(), self._number)

    def close(self) -> None:
        self._images.close()

    def _fetch(self) -> NDArray[np.uint8]:
        image = self._images.next()
        if image is None and self._loop:
            self._images.rewind()
            image = self._images.next()
        if image is None:
            raise CameraLost(f"{self._images.name} has ended")
        height, width = image.shape[:2]
        if (width, height) != (self._model.width, self._model.height):
            raise CairnError(
                f"{self._images.name}: expected images of {self._model.width}x{self._model.height} pixels, "
                f"got {width}x{height}"
            )
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
