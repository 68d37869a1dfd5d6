from __future__ import annotations

import queue
import threading
import time

import numpy as np
import pytest

from cairn.hardware.camera import CameraLost, CameraTimeout
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.frame_source import FrameSource, SensorFrame
from cairn.hardware.streaming_camera import StreamingCamera

PATIENCE = 5.0


class QueuedSource(FrameSource):
    """Delivers what the test puts in."""

    def __init__(self) -> None:
        self.items: queue.Queue[int | Exception] = queue.Queue()
        self.taken = threading.Semaphore(0)
        self.closed = threading.Event()

    @property
    def model(self) -> CameraModel:
        return CameraModel.pinhole(2, 2, 90)

    def grab(self) -> SensorFrame | None:
        try:
            item = self.items.get(timeout=0.02)
        except queue.Empty:
            self.taken.release()
            return None
        if isinstance(item, Exception):
            raise item
        return SensorFrame(np.full((2, 2, 3), item % 256, np.uint8), float(item), item)

    def close(self) -> None:
        self.closed.set()

    def put(self, *items: int | Exception) -> None:
        """Returns when the reader has taken all."""
        for item in items:
            self.items.put(item)
        while self.taken.acquire(blocking=False):
            pass
        # The first release may precede the items, the second can't.
        assert self.taken.acquire(timeout=PATIENCE)
        assert self.taken.acquire(timeout=PATIENCE)


class QueuedCamera(StreamingCamera):
    def __init__(self, frame_id: str = "camera_optical") -> None:
        super().__init__(frame_id)
        self.sources: list[QueuedSource] = []

    def _open(self) -> FrameSource:
        self.sources.append(QueuedSource())
        return self.sources[-1]


@pytest.fixture
def camera() -> QueuedCamera:
    made = QueuedCamera()
    made.start()
    return made


def test_only_the_newest_frame_is_kept_and_lost_ones_show_as_gaps(camera: QueuedCamera) -> None:
    camera.sources[0].put(10, 11, 12)
    assert (frame := camera.read(PATIENCE)).stamp == 12
    with pytest.raises(CameraTimeout, match=r"expected a frame within 0\.01 s, got none"):
        camera.read(0.01)
    camera.sources[0].put(15)
    assert camera.read(PATIENCE).sequence - frame.sequence == 3
    camera.stop()


def test_a_sensor_that_counts_anew_does_not_turn_the_sequence_back(camera: QueuedCamera) -> None:
    camera.sources[0].put(1000)
    first = camera.read(PATIENCE)
    camera.sources[0].put(3)
    assert camera.read(PATIENCE).sequence == first.sequence + 1
    camera.stop()


def test_an_old_frame_is_not_shown_after_a_loss(camera: QueuedCamera) -> None:
    camera.sources[0].items.put(1)
    camera.sources[0].items.put(CameraLost("unplugged"))
    assert camera.sources[0].closed.wait(PATIENCE)
    with pytest.raises(CameraLost, match="unplugged"):
        camera.read(PATIENCE)
    camera.start()
    camera.sources[1].put(2)
    assert camera.read(PATIENCE).stamp == 2
    camera.stop()


def test_whatever_a_driver_raises_is_a_loss(camera: QueuedCamera) -> None:
    camera.sources[0].items.put(ZeroDivisionError("in the vendor's code"))
    with pytest.raises(CameraLost, match="driver failed: ZeroDivisionError"):
        camera.read(PATIENCE)
    camera.stop()


def test_start_of_a_streaming_camera_changes_nothing(camera: QueuedCamera) -> None:
    camera.start()
    assert len(camera.sources) == 1
    camera.stop()
    assert camera.sources[0].closed.is_set()


def test_stop_wakes_a_waiting_reader(camera: QueuedCamera) -> None:
    caught: list[Exception] = []

    def read() -> None:
        try:
            camera.read(60)
        except CairnError as error:
            caught.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.05)  # likely waiting by now; either way it must end
    camera.stop()
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert isinstance(caught[0], CairnError)


def test_a_frame_id_is_required() -> None:
    with pytest.raises(CairnError, match="frame_id must not be empty"):
        QueuedCamera("")


def test_the_model_is_known_only_after_start() -> None:
    with pytest.raises(CairnError, match="known only after start"):
        _ = QueuedCamera().model
