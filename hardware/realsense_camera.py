"""Colour stream of an Intel RealSense."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cairn.hardware.camera import CameraLost
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.frame_source import FrameSource, SensorFrame
from cairn.hardware.realsense_clock import RealSenseClock
from cairn.hardware.realsense_distortion import camera_model
from cairn.hardware.streaming_camera import StreamingCamera

if TYPE_CHECKING:
    import pyrealsense2 as rs

_POLL_MS = 250


class RealSenseCamera(StreamingCamera):
    """Colour frames of one RealSense, or of a recording made with one; depth is never switched on.

    Args:
        serial: which camera; "" takes the only one there is and stays with it after a loss.
        recording: a file of librealsense's recorder (`.db3`, `.bag`), played once at its own speed, in
            place of a device.
        width, height, rate: one of the sensor's colour profiles.
        frame_id: optical frame of the images.
        context: librealsense's context, where the process has one already.
    """

    def __init__(
        self,
        serial: str = "",
        *,
        recording: Path | None = None,
        width: int = 640,
        height: int = 480,
        rate: int = 30,
        frame_id: str = "camera_optical",
        context: rs.context | None = None,
    ) -> None:
        super().__init__(frame_id)
        self._serial = serial
        self._recording = recording
        self._profile = (width, height, rate)
        self._context = context

    def _open(self) -> FrameSource:
        rs = _librealsense()
        if self._context is None:
            self._context = rs.context()
        config = rs.config()
        if self._recording is not None:
            device = _load_recording(self._context, self._recording)
            config.enable_device_from_file(str(self._recording), repeat_playback=False)
        else:
            device = _find(self._context, self._serial)
            self._serial = device.get_info(rs.camera_info.serial_number)
            config.enable_device(self._serial)
        _check_profile(device, self._profile)
        width, height, rate = self._profile
        config.enable_stream(rs.stream.color, width, height, rs.format.rgb8, rate)
        return _RealSenseSource(self._context, config, self._recording)


class _RealSenseSource(FrameSource):
    """A running pipeline."""

    def __init__(self, context: rs.context, config: rs.config, recording: Path | None) -> None:
        rs = _librealsense()
        self._context = context
        self._recording = recording
        self._pipeline = rs.pipeline(context)
        try:
            profile = self._pipeline.start(config)
        except RuntimeError as error:
            raise CameraLost(f"the RealSense can't be started, is it in use?  {error}") from error
        device = profile.get_device()
        self._playback = device.as_playback() if device.is_playback() else None
        self._serial = device.get_info(rs.camera_info.serial_number)
        self._clock = RealSenseClock(recording=self._playback is not None)
        stream = profile.get_stream(rs.stream.color).as_video_stream_profile()
        self._model = camera_model(stream.get_intrinsics())

    @property
    def model(self) -> CameraModel:
        return self._model

    def grab(self) -> SensorFrame | None:
        try:
            arrived, frames = self._pipeline.try_wait_for_frames(_POLL_MS)
        except RuntimeError as error:
            raise CameraLost(f"RealSense {self._serial} failed: {error}") from error
        if not arrived:
            self._check_alive()
            return None
        frame = frames.get_color_frame()
        if not frame:
            return None
        arrival = time.time()
        # The buffer belongs to librealsense's pool and is used again.
        image = np.array(frame.get_data(), dtype=np.uint8, order="C", copy=True)
        return SensorFrame(image, self._clock.stamp(frame, arrival), frame.get_frame_number())

    def close(self) -> None:
        with suppress(RuntimeError):  # a pipeline whose device has gone refuses to stop
            self._pipeline.stop()

    def _check_alive(self) -> None:
        rs = _librealsense()
        if self._recording is not None and self._playback is not None:
            if self._playback.current_status() == rs.playback_status.stopped:
                raise CameraLost(f"the recording {self._recording} has ended")
            return
        present = _serials(self._context)
        if self._serial not in present:
            raise CameraLost(f"RealSense {self._serial} was unplugged; present: {_listed(present)}")


def _librealsense() -> Any:
    try:
        import pyrealsense2
    except ImportError as error:
        raise CairnError(
            f"the RealSense driver needs pyrealsense2 (pip install cairn-robotics[realsense]) and the system "
            f"library libusb-1.0 (apt install libusb-1.0-0): {error}"
        ) from error
    return pyrealsense2


def _serials(context: rs.context) -> list[str]:
    rs = _librealsense()
    return [device.get_info(rs.camera_info.serial_number) for device in context.query_devices()]


def _listed(names: list[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _find(context: rs.context, serial: str) -> rs.device:
    devices = dict(zip(_serials(context), context.query_devices(), strict=False))
    if not devices:
        raise CameraLost(f"expected a RealSense{f' with serial {serial}' if serial else ''}, found none")
    if serial in devices:
        return devices[serial]
    if serial:
        raise CameraLost(f"no RealSense has serial {serial}; present: {_listed(list(devices))}")
    if len(devices) > 1:
        raise CairnError(f"several RealSense are present, give a serial; present: {_listed(list(devices))}")
    return next(iter(devices.values()))


def _load_recording(context: rs.context, path: Path) -> rs.device:
    if not path.is_file():
        raise CameraLost(f"expected a RealSense recording, got {path}, which is no file")
    try:
        return context.load_device(str(path))
    except RuntimeError as error:
        raise CairnError(f"expected a RealSense recording (.db3 or .bag), got {path}: {error}") from error


def _check_profile(device: rs.device, wanted: tuple[int, int, int]) -> None:
    """Raises CairnError, listing the valid profiles, when the colour sensor does not offer `wanted`."""
    rs = _librealsense()
    offered: set[tuple[int, int, int]] = set()
    for sensor in device.query_sensors():
        for profile in sensor.get_stream_profiles():
            if profile.stream_type() == rs.stream.color and profile.format() == rs.format.rgb8:
                video = profile.as_video_stream_profile()
                offered.add((video.width(), video.height(), profile.fps()))
    if wanted not in offered:
        valid = ", ".join(f"{width}x{height}@{rate}" for width, height, rate in sorted(offered)) or "none"
        width, height, rate = wanted
        raise CairnError(f"the RealSense has no colour profile {width}x{height}@{rate}; valid: {valid}")
