"""A USB video class camera through OpenCV and Video4Linux."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from cairn.hardware.camera import CameraLost
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.frame_source import FrameSource, SensorFrame
from cairn.hardware.streaming_camera import StreamingCamera
from cairn.hardware.video_device import DIRECTORY, resolve_video_device

_FAILED_READS = 5
_RETRY = 0.02
_OLDEST = 1.0


def _open_v4l2(path: str) -> cv2.VideoCapture:
    return cv2.VideoCapture(path, cv2.CAP_V4L2)


class UvcCamera(StreamingCamera):
    """Frames of a UVC camera, found by its id.

    OpenCV shows neither the driver's frame count nor the list of formats: `sequence` counts frames that
    reached this process, and a size that the camera refuses is noticed by the size it gives instead.

    Args:
        device: name in `/dev/v4l/by-id` or `by-path`, or an absolute path (see `resolve_video_device`).
        model: intrinsics; its size is the size asked of the camera.
        rate: frames per second asked of the camera, which may give fewer in the dark.
        frame_id: optical frame of the images.
        directory: where udev keeps its links.
        open_capture: opens the device node's path with OpenCV.
    """

    def __init__(
        self,
        device: str,
        model: CameraModel,
        *,
        rate: float = 30.0,
        frame_id: str = "camera_optical",
        directory: Path = DIRECTORY,
        open_capture: Callable[[str], cv2.VideoCapture] = _open_v4l2,
    ) -> None:
        super().__init__(frame_id)
        self._device = device
        self._uvc_model = model
        self._rate = rate
        self._directory = directory
        self._open_capture = open_capture

    def _open(self) -> FrameSource:
        path = resolve_video_device(self._device, self._directory)
        capture = self._open_capture(str(path))
        if not capture.isOpened():
            raise CameraLost(f"{path} ({self._device}) can't be opened; is another process reading it?")
        # MJPEG first: at 640x480 raw YUYV leaves no room on USB 2 for a second camera.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._uvc_model.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._uvc_model.height)
        capture.set(cv2.CAP_PROP_FPS, self._rate)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        got = (round(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), round(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        if got != (self._uvc_model.width, self._uvc_model.height):
            capture.release()
            raise CairnError(
                f"{self._device}: expected images of {self._uvc_model.width}x{self._uvc_model.height} "
                f"pixels, the camera gives {got[0]}x{got[1]}"
            )
        return _UvcSource(self._device, path, capture, self._uvc_model)


class _UvcSource(FrameSource):
    """An opened capture."""

    def __init__(self, device: str, path: Path, capture: cv2.VideoCapture, model: CameraModel) -> None:
        self._device = device
        self._path = path
        self._capture = capture
        self._model = model
        self._number = 0
        self._failed = 0

    @property
    def model(self) -> CameraModel:
        return self._model

    def grab(self) -> SensorFrame | None:
        arrived, image = self._capture.read()
        arrival = time.time()
        if not arrived:
            self._failed += 1
            if not self._path.exists():
                raise CameraLost(f"{self._device} was unplugged")
            if self._failed >= _FAILED_READS:
                raise CameraLost(f"{self._device} gave no frame in {self._failed} tries")
            time.sleep(_RETRY)
            return None
        self._failed = 0
        if image.shape != (self._model.height, self._model.width, 3):
            raise CameraLost(
                f"{self._device}: expected images of shape {(self._model.height, self._model.width, 3)}, "
                f"got {image.shape}"
            )
        self._number += 1
        rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
        stamp = to_system_time(self._capture.get(cv2.CAP_PROP_POS_MSEC), arrival, time.monotonic())
        return SensorFrame(rgb, stamp, self._number)

    def close(self) -> None:
        self._capture.release()


def to_system_time(buffer_ms: float, arrival: float, monotonic: float) -> float:
    """System time in seconds of a Video4Linux buffer stamp.

    uvcvideo stamps in monotonic or, by a module parameter, in system time; OpenCV doesn't tell which, but
    only the right one is recent.  A stamp of neither clock is replaced by the time of arrival.

    Args:
        buffer_ms: the buffer's stamp in milliseconds, as OpenCV gives it.
        arrival: system time at which the frame was read.
        monotonic: monotonic time of the same moment.
    """
    stamp = buffer_ms / 1000.0
    for now in (monotonic, arrival):
        age = now - stamp
        if 0.0 <= age <= _OLDEST:
            return arrival - age
    return arrival
