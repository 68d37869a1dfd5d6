"""What recording costs its own process."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RecorderLoad:
    """Figures since the reading before.

    Attributes:
        callback_ms: 99th percentile of the time that receiving a message took [ms]; 0 without messages.
        processor: share of a core, all threads together [%].
    """

    callback_ms: float
    processor: float


class LoadMeter:
    """Gathers the durations of callbacks and the processor time between readings."""

    def __init__(self) -> None:
        self._durations: list[float] = []
        self._begun = time.monotonic(), time.process_time()

    def note_callback(self, seconds: float) -> None:
        """A message took so long to receive [s]."""
        self._durations.append(seconds)

    def read(self) -> RecorderLoad:
        """The figures since the last call; starts over."""
        durations, self._durations = self._durations, []
        begun, self._begun = self._begun, (time.monotonic(), time.process_time())
        elapsed = max(self._begun[0] - begun[0], 1e-9)
        return RecorderLoad(
            callback_ms=1000.0 * float(np.percentile(durations, 99)) if durations else 0.0,
            processor=100.0 * (self._begun[1] - begun[1]) / elapsed,
        )
