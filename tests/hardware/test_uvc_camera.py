"""No camera is needed: a video file stands for the device, read and decoded by OpenCV's own backend."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from camera_contract import PATIENCE, CameraContract, CameraRig, read_to_the_end

from cairn.hardware.camera import CameraLost
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.uvc_camera import UvcCamera, to_system_time

MODEL = CameraModel.pinhole(64, 48, 90)
ID = "usb-Maker_Camera_0001-video-index0"


class PacedCapture:
    """OpenCV's capture of a video file, with a device's pace, stamps and ways to fail."""

    def __init__(self, path: str, present: threading.Event, silent: threading.Event) -> None:
        self._capture = cv2.VideoCapture(path)
        self._present = present
        self._silent = silent

    def isOpened(self) -> bool:
        return self._present.is_set() and self._capture.isOpened()

    def read(self) -> tuple[bool, Any]:
        time.sleep(1 / 30)
        while self._silent.is_set():  # a V4L2 read blocks while the camera gives nothing
            time.sleep(0.01)
        if not self._present.is_set():
            return False, None
        arrived, image = self._capture.read()
        if not arrived:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            arrived, image = self._capture.read()
        return arrived, image

    def get(self, prop: int) -> float:
        if prop == cv2.CAP_PROP_POS_MSEC:
            return (time.monotonic() - 0.005) * 1000
        return float(self._capture.get(prop))

    def set(self, prop: int, value: float) -> bool:
        return False  # a file takes no settings; a camera may refuse them likewise

    def release(self) -> None:
        self._capture.release()


class Bus:
    """A folder of udev's links and the device nodes behind them."""

    def __init__(self, root: Path) -> None:
        self.links = root / "v4l"
        (self.links / "by-id").mkdir(parents=True)
        self.root = root
        self.node = root / "video0.avi"
        self.present = threading.Event()
        self.silent = threading.Event()
        self.opened: list[str] = []
        writer = cv2.VideoWriter(str(self.node), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
        for _ in range(10):
            writer.write(np.full((48, 64, 3), (0, 0, 200), np.uint8))
        writer.release()
        self._link()

    def _link(self) -> None:
        (self.links / "by-id" / ID).symlink_to(self.node)
        self.present.set()

    def open(self, path: str) -> PacedCapture:
        self.opened.append(path)
        return PacedCapture(path, self.present, self.silent)

    def unplug(self) -> None:
        self.present.clear()
        (self.links / "by-id" / ID).unlink()
        self.node = self.node.rename(self.root / "video1.avi")

    def camera(self, device: str = ID, model: CameraModel = MODEL) -> UvcCamera:
        return UvcCamera(device, model, directory=self.links, open_capture=self.open)  # type: ignore[arg-type]


@pytest.fixture
def bus(tmp_path: Path) -> Bus:
    return Bus(tmp_path)


class TestUvcContract(CameraContract):
    @pytest.fixture
    def rig(self, bus: Bus) -> CameraRig:
        return CameraRig(bus.camera(), stall=bus.silent.set, unplug=bus.unplug, plug=bus._link)

    @pytest.fixture
    def started(self, rig: CameraRig, bus: Bus):  # type: ignore[no-untyped-def]
        rig.camera.start()
        yield rig
        bus.silent.clear()
        rig.camera.stop()


def test_a_replugged_camera_is_found_under_its_new_device_name(bus: Bus) -> None:
    camera = bus.camera()
    camera.start()
    frame = camera.read(PATIENCE)
    assert frame.image[..., 0].mean() > 180  # red, so RGB
    bus.unplug()
    with pytest.raises(CameraLost, match="unplugged"):
        read_to_the_end(camera, PATIENCE)
    bus._link()
    camera.start()
    camera.read(PATIENCE)
    camera.stop()
    assert [Path(path).name for path in bus.opened] == ["video0.avi", "video1.avi"]


def test_an_unknown_id_is_refused_with_those_present(bus: Bus) -> None:
    with pytest.raises(CameraLost, match=f"no video device 'usb-Other'; present: {ID}"):
        bus.camera("usb-Other").start()


def test_a_size_that_the_camera_does_not_give_is_refused(bus: Bus) -> None:
    with pytest.raises(CairnError, match="expected images of 640x480 pixels, the camera gives 64x48"):
        bus.camera(model=CameraModel.pinhole(640, 480, 90)).start()


def test_v4l2_itself_refuses_what_is_no_video_device(bus: Bus) -> None:
    with pytest.raises(CameraLost, match="can't be opened"):
        UvcCamera(ID, MODEL, directory=bus.links).start()


@pytest.mark.parametrize(
    ("buffer_ms", "expected"),
    [
        (99_950.0, 999.95),  # monotonic clock, 50 ms ago
        (999_980.0, 999.98),  # system clock, 20 ms ago
        (12.0, 1000.0),  # neither
        (100_500.0, 1000.0),  # in the future
    ],
)
def test_buffer_stamps_become_system_time(buffer_ms: float, expected: float) -> None:
    assert to_system_time(buffer_ms, arrival=1000.0, monotonic=100.0) == pytest.approx(expected)
