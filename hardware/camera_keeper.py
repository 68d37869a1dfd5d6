"""Keeps a camera going."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cairn.hardware.camera import Camera, CameraFrame, CameraTimeout
from cairn.hardware.errors import CairnError
from cairn.hardware.frame_statistics import FrameStatistics

_POLL = 0.25


@dataclass(frozen=True)
class CameraHealth:
    """How a kept camera fares.

    Attributes:
        fault: what is wrong now; "" while frames come.
        age: seconds since the last frame; infinite before the first.
        rate: frames per second by the sensor's stamps.
        received, lost: frames handed on, and those that never came out of the sensor's count.
        reopened: how often the camera was opened anew.
    """

    fault: str
    age: float
    rate: float
    received: int
    lost: int
    reopened: int


class CameraKeeper:
    """Opens a camera, hands on each frame as it arrives, and opens it anew after a loss or long silence.

    A camera that is opened anew is the same one: drivers find it by serial number or id, so another camera
    that took its device name is never shown in its place.

    Args:
        camera: not started; owned by the keeper.
        on_frame: called by the keeper's thread.
        silence_limit: seconds without a frame after which the camera is opened anew.
        retry_period: seconds between attempts to open it.
        reopen: otherwise the first loss is final (a file's end).
    """

    def __init__(
        self,
        camera: Camera,
        on_frame: Callable[[CameraFrame], None],
        *,
        silence_limit: float = 2.0,
        retry_period: float = 1.0,
        reopen: bool = True,
    ) -> None:
        self._camera = camera
        self._on_frame = on_frame
        self._silence_limit = silence_limit
        self._retry_period = retry_period
        self._reopen = reopen
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._statistics = FrameStatistics()
        self._fault = "not started"
        self._last_frame = float("-inf")
        self._openings = 0

    def health(self) -> CameraHealth:
        """The state now; may be asked from any thread."""
        age = time.monotonic() - self._last_frame
        fault = self._fault
        if not fault and age > self._silence_limit:
            fault = f"no frame for {age:.1f} s"
        return CameraHealth(
            fault=fault,
            age=age,
            rate=self._statistics.rate,
            received=self._statistics.received,
            lost=self._statistics.lost,
            reopened=max(0, self._openings - 1),
        )

    def start(self) -> None:
        """Begin in a thread of its own; returns at once."""
        if self._thread is None:
            self._stopping.clear()
            self._fault = "opening"
            self._thread = threading.Thread(target=self._run, name="camera-keeper", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the camera; no frame is handed on afterwards.  Safe to call twice."""
        self._stopping.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
            self._fault = "stopped"

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._stream()
                except CairnError as error:
                    self._fault = str(error)
                if not self._reopen or self._stopping.wait(self._retry_period):
                    return
        finally:
            self._camera.stop()

    def _stream(self) -> None:
        """Open and hand on frames until the camera is lost (its error), silent for long, or stopped."""
        self._camera.start()
        self._openings += 1
        opened = time.monotonic()
        while not self._stopping.is_set():
            try:
                frame = self._camera.read(_POLL)
            except CameraTimeout:
                silence = time.monotonic() - max(opened, self._last_frame)
                if silence > self._silence_limit:
                    self._camera.stop()
                    raise CairnError(f"no frame for {silence:.1f} s") from None
                continue
            self._fault = ""
            self._last_frame = time.monotonic()
            self._statistics.add(frame)
            self._on_frame(frame)
