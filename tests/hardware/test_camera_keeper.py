from __future__ import annotations

import queue
import time
from collections.abc import Callable

import numpy as np
import pytest

from cairn.hardware.camera import Camera, CameraFrame, CameraLost, CameraTimeout
from cairn.hardware.camera_keeper import CameraKeeper
from cairn.hardware.camera_model import CameraModel

PATIENCE = 5.0


class ScriptedCamera(Camera):
    """Hands out what the test puts in: frames, or errors to raise."""

    def __init__(self) -> None:
        self.script: queue.Queue[int | Exception] = queue.Queue()
        self.refusals: list[Exception] = []
        self.starts = self.stops = 0

    @property
    def model(self) -> CameraModel:
        return CameraModel.pinhole(2, 2, 90)

    def start(self) -> None:
        self.starts += 1
        if self.refusals:
            raise self.refusals.pop(0)

    def read(self, timeout: float) -> CameraFrame:
        try:
            item = self.script.get(timeout=min(timeout, 0.02))
        except queue.Empty:
            raise CameraTimeout("expected a frame, got none") from None
        if isinstance(item, Exception):
            raise item
        return CameraFrame(np.zeros((2, 2, 3), np.uint8), item / 10, item, "camera_optical")

    def stop(self) -> None:
        self.stops += 1


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(0.002)


class Rig:
    def __init__(self, **options: float) -> None:
        self.camera = ScriptedCamera()
        self.seen: list[int] = []
        options = {"silence_limit": PATIENCE, "retry_period": 0.01} | options
        self.keeper = CameraKeeper(self.camera, lambda frame: self.seen.append(frame.sequence), **options)  # type: ignore[arg-type]

    def put(self, *items: int | Exception) -> None:
        for item in items:
            self.camera.script.put(item)


def test_frames_are_handed_on_and_counted() -> None:
    rig = Rig()
    assert rig.keeper.health().fault == "not started"
    rig.put(0, 1, 4)
    rig.keeper.start()
    wait_until(lambda: rig.seen == [0, 1, 4])
    health = rig.keeper.health()
    assert (health.fault, health.received, health.lost, health.reopened) == ("", 3, 2, 0)
    assert health.age < PATIENCE
    rig.keeper.stop()
    assert rig.camera.stops == 1
    assert rig.keeper.health().fault == "stopped"
    rig.put(5)
    rig.keeper.stop()
    assert rig.seen == [0, 1, 4]


def test_a_lost_camera_is_opened_anew_until_it_is_back() -> None:
    rig = Rig(retry_period=0.05)
    rig.camera.refusals = [CameraLost("not there yet")]
    rig.keeper.start()
    wait_until(lambda: rig.keeper.health().fault == "not there yet")
    rig.put(0)
    wait_until(lambda: rig.seen == [0])
    rig.camera.refusals = [CameraLost("still away"), CameraLost("still away")]
    rig.put(CameraLost("unplugged"))
    wait_until(lambda: rig.keeper.health().fault == "still away")
    rig.put(7)
    wait_until(lambda: rig.seen == [0, 7])
    assert rig.keeper.health().fault == ""
    assert rig.keeper.health().reopened == 1
    assert rig.camera.starts == 5
    rig.keeper.stop()


def test_a_silent_camera_is_opened_anew() -> None:
    rig = Rig(silence_limit=0.1)
    rig.put(0)
    rig.keeper.start()
    wait_until(lambda: rig.camera.starts >= 2)
    assert rig.camera.stops >= 1
    assert "no frame for 0." in rig.keeper.health().fault
    rig.keeper.stop()


def test_the_first_loss_is_final_where_nothing_is_to_be_reopened() -> None:
    rig = Rig(reopen=False)
    rig.put(0, CameraLost("the file has ended"))
    rig.keeper.start()
    wait_until(lambda: rig.camera.stops == 1)
    assert rig.keeper.health().fault == "the file has ended"
    assert rig.camera.starts == 1
    rig.keeper.stop()


@pytest.mark.parametrize("times", [1, 3])
def test_starts_again_after_stop(times: int) -> None:
    rig = Rig()
    for number in range(times):
        rig.put(number)
        rig.keeper.start()
        wait_until(lambda number=number: rig.seen[-1:] == [number])
        rig.keeper.stop()
    assert rig.seen == list(range(times))
