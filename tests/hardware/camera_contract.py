"""What every camera must do, real or simulated.

A new camera passes by one subclass in its test module::

    class TestMyCamera(CameraContract):
        @pytest.fixture
        def rig(self) -> CameraRig:
            return CameraRig(MyCamera())
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from cairn.hardware.camera import Camera, CameraFrame, CameraLost, CameraTimeout
from cairn.hardware.errors import CairnError

PATIENCE = 5.0


@dataclass
class CameraRig:
    """A camera and the hands that a test has on it.

    Attributes:
        camera: not started.
        now: seconds on the clock of the camera's stamps.
        pass_time: lets so many seconds pass on that clock; a simulated camera's rig steps its world.
        stall: makes the device keep silent though present; None where that can't be done.
        unplug: takes the device away; None where that can't be done.
        plug: brings it back.
    """

    camera: Camera
    now: Callable[[], float] = time.time
    pass_time: Callable[[float], None] = time.sleep
    stall: Callable[[], None] | None = None
    unplug: Callable[[], None] | None = None
    plug: Callable[[], None] | None = None

    def read(self) -> CameraFrame:
        """The next frame; on a clock of its own, time must be made to pass for one to appear."""
        for _ in range(50):
            try:
                return self.camera.read(PATIENCE if self.pass_time is time.sleep else 0.05)
            except CameraTimeout:
                self.pass_time(0.05)
        raise AssertionError("the camera gave no frame")


def read_to_the_end(camera: Camera, timeout: float) -> None:
    """Read until the camera raises; frames that were on their way come first."""
    for _ in range(1000):
        camera.read(timeout)


class CameraContract:
    """The tests; a subclass supplies the fixture `rig`."""

    @pytest.fixture
    def started(self, rig: CameraRig) -> Iterator[CameraRig]:
        rig.camera.start()
        yield rig
        rig.camera.stop()

    def test_a_frame_is_a_read_only_rgb_image_of_the_models_size(self, started: CameraRig) -> None:
        frame = started.read()
        model = started.camera.model
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (model.height, model.width, 3)
        assert frame.image.flags.c_contiguous
        assert frame.frame_id
        with pytest.raises(ValueError, match="read-only"):
            frame.image[0, 0, 0] = 1

    def test_stamps_and_sequence_increase(self, started: CameraRig) -> None:
        frames = [started.read() for _ in range(5)]
        stamps = [frame.stamp for frame in frames]
        numbers = [frame.sequence for frame in frames]
        assert all(later > earlier for earlier, later in pairwise(stamps)), stamps
        assert all(later > earlier for earlier, later in pairwise(numbers)), numbers

    def test_stamps_are_of_the_drivers_clock_and_recent(self, started: CameraRig) -> None:
        frame = started.read()
        assert -0.001 <= started.now() - frame.stamp < 1.0

    def test_a_slow_reader_gets_the_newest_frame(self, started: CameraRig) -> None:
        steps = []
        # On a starved machine a frame may come late; a driver that queues or keeps the oldest fails always.
        while not steps or (steps[-1] <= 0.3 and len(steps) < 10):
            before = started.read()
            started.pass_time(0.5)
            steps.append(started.read().stamp - before.stamp)
        assert max(steps) > 0.3, steps

    def test_the_image_of_a_read_frame_never_changes(self, started: CameraRig) -> None:
        frame = started.read()
        copy = frame.image.copy()
        for _ in range(3):
            started.read()
        assert np.array_equal(frame.image, copy)

    def test_reading_before_start_is_refused(self, rig: CameraRig) -> None:
        with pytest.raises(CairnError, match="start"):
            rig.camera.read(0.1)

    def test_stop_may_be_called_before_start_and_twice(self, rig: CameraRig) -> None:
        rig.camera.stop()
        rig.camera.start()
        rig.read()
        rig.camera.stop()
        rig.camera.stop()
        with pytest.raises(CairnError, match="start"):
            rig.camera.read(0.1)

    def test_restarts_with_fresh_frames(self, started: CameraRig) -> None:
        before = started.read()
        started.camera.stop()
        started.pass_time(0.1)
        started.camera.start()
        after = started.read()
        assert after.stamp > before.stamp
        assert after.sequence > before.sequence

    def test_a_silent_camera_times_out(self, started: CameraRig) -> None:
        if started.stall is None:
            pytest.skip("this rig can't silence its camera")
        started.read()
        started.stall()
        begun = time.monotonic()
        with pytest.raises(CameraTimeout, match=r"within 0.3 s"):
            read_to_the_end(started.camera, 0.3)
        assert time.monotonic() - begun < PATIENCE

    def test_a_lost_camera_says_so_and_comes_back(self, started: CameraRig) -> None:
        if started.unplug is None or started.plug is None:
            pytest.skip("this rig can't unplug its camera")
        before = started.read()
        started.unplug()
        with pytest.raises(CameraLost):
            read_to_the_end(started.camera, PATIENCE)
        with pytest.raises(CameraLost):
            started.camera.start()
        started.plug()
        started.camera.start()
        after = started.read()
        assert after.stamp > before.stamp
        assert after.sequence > before.sequence
