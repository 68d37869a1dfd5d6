"""How well a camera delivers."""

from __future__ import annotations

from collections import deque

from cairn.hardware.camera import CameraFrame


class FrameStatistics:
    """Counts frames and sequence gaps and measures the rate over the last `window` frames."""

    def __init__(self, window: int = 30) -> None:
        self.received = 0
        self.lost = 0
        self._last_sequence: int | None = None
        self._stamps: deque[float] = deque(maxlen=window)

    def add(self, frame: CameraFrame) -> int:
        """Take note of a frame; returns how many were lost just before it."""
        gap = 0 if self._last_sequence is None else max(0, frame.sequence - self._last_sequence - 1)
        self._last_sequence = frame.sequence
        self._stamps.append(frame.stamp)
        self.received += 1
        self.lost += gap
        return gap

    @property
    def rate(self) -> float:
        """Frames per second by the sensor's stamps; 0 before the second frame."""
        if len(self._stamps) < 2 or self._stamps[-1] <= self._stamps[0]:
            return 0.0
        return (len(self._stamps) - 1) / (self._stamps[-1] - self._stamps[0])
