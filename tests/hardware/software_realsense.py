"""A RealSense made of software: frames go through librealsense itself, its recorder and its real pipeline."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyrealsense2 as rs

SERIAL = "123456789"
WIDTH, HEIGHT, RATE = 64, 48, 30


def intrinsics(model: rs.distortion = rs.distortion.inverse_brown_conrady, coefficients=(0.0,) * 5):  # type: ignore[no-untyped-def]
    """Intrinsics of a small colour sensor."""
    made = rs.intrinsics()
    made.width, made.height = WIDTH, HEIGHT
    made.fx = made.fy = 60.0
    made.ppx, made.ppy = 32.5, 23.5
    made.model = model
    made.coeffs = list(coefficients)
    return made


class SoftwareRealSense:
    """A `software_device` with one colour sensor; `emit` makes it deliver a frame."""

    def __init__(self) -> None:
        self.device = rs.software_device()
        self.device.register_info(rs.camera_info.serial_number, SERIAL)
        self.device.register_info(rs.camera_info.name, "Software RealSense")
        self.sensor = self.device.add_sensor("RGB Camera")
        stream = rs.video_stream()
        stream.type, stream.index, stream.uid = rs.stream.color, 0, 1
        stream.width, stream.height, stream.fps, stream.bpp = WIDTH, HEIGHT, RATE, 3
        stream.fmt = rs.format.rgb8
        stream.intrinsics = intrinsics()
        self.profile = self.sensor.add_video_stream(stream)

    def emit(self, number: int, stamp: float, domain: rs.timestamp_domain, **metadata: int) -> None:
        """Deliver frame `number`, red by its number, with sensor stamp `stamp` in seconds."""
        for name, value in metadata.items():
            self.sensor.set_metadata(getattr(rs.frame_metadata_value, name), value)
        frame = rs.software_video_frame()
        pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        pixels[..., 0] = number % 256
        frame.pixels = pixels
        frame.stride, frame.bpp = WIDTH * 3, 3
        frame.timestamp, frame.domain, frame.frame_number = stamp * 1000, domain, number
        frame.profile = self.profile.as_video_stream_profile()
        self.sensor.on_video_frame(frame)


def record(path: Path, seconds: float, silence: float) -> Path:
    """A recording in real time by librealsense's recorder: frames, then silence, then a last frame."""
    camera = SoftwareRealSense()
    recorder = rs.recorder(str(path), camera.device)
    sensor = recorder.query_sensors()[0]
    sensor.open(camera.profile)
    sensor.start(rs.frame_queue(10))
    for number in range(int(seconds * RATE)):
        camera.emit(number, time.time(), rs.timestamp_domain.global_time)
        time.sleep(1 / RATE)
    time.sleep(silence)
    camera.emit(number + 1, time.time(), rs.timestamp_domain.global_time)
    sensor.stop()
    sensor.close()
    return path
