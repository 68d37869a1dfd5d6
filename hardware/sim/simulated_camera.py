"""The simulated Jackal's camera as a driver shows it."""

from __future__ import annotations

from collections import deque
from threading import Condition

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera import Camera, CameraFrame, CameraTimeout
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.camera_settings import CameraSettings

OPTICAL_FRAME = "camera_optical"


class SimulatedCamera(Camera):
    """Hands out what whoever steps the simulation exposes; `SimulatedRobot` does.

    A frame is exposed at its stamp and delivered `latency` seconds of simulated time later.
    """

    def __init__(self, settings: CameraSettings) -> None:
        self._settings = settings
        self._model = settings.model
        self._arrival = Condition()
        self._on_its_way: deque[CameraFrame] = deque()
        self._newest: CameraFrame | None = None
        self._exposed = 0
        self.is_started = False

    @property
    def model(self) -> CameraModel:
        return self._model

    @property
    def next_delivery(self) -> float | None:
        """When the oldest frame on its way is due [s]; None without one."""
        return self._on_its_way[0].stamp + self._settings.latency if self._on_its_way else None

    def start(self) -> None:
        self.is_started = True

    def read(self, timeout: float) -> CameraFrame:
        with self._arrival:
            if not self.is_started:
                raise CairnError("the camera must be started before it is read")
            if not self._arrival.wait_for(lambda: self._newest is not None, timeout):
                raise CameraTimeout(f"no new frame came within {timeout:g} s")
            frame, self._newest = self._newest, None
        assert frame is not None
        return frame

    def stop(self) -> None:
        self.is_started = False
        self.forget()

    def expose(self, image: NDArray[np.uint8], stamp: float) -> None:
        """A picture (RGB uint8, as `model` says) is taken at `stamp` [s]."""
        self._on_its_way.append(CameraFrame(image, stamp, self._exposed, OPTICAL_FRAME))
        self._exposed += 1

    def deliver(self) -> CameraFrame:
        """The oldest frame on its way arrives now."""
        frame = self._on_its_way.popleft()
        with self._arrival:
            self._newest = frame
            self._arrival.notify_all()
        return frame

    def forget(self) -> None:
        """Drop what was exposed and not read."""
        self._on_its_way.clear()
        with self._arrival:
            self._newest = None
