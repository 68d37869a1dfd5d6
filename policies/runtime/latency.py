"""How long a graph takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LatencySummary:
    """Of the most recent calls, in seconds; `count` is of all calls."""

    count: int
    median: float
    p99: float
    maximum: float


class Latency:
    """Durations of the most recent calls."""

    def __init__(self, window: int = 1024) -> None:
        self._durations = np.zeros(window)
        self._count = 0

    def add(self, duration: float) -> None:
        """Record one call [s]."""
        self._durations[self._count % self._durations.size] = duration
        self._count += 1

    def reset(self) -> None:
        """Forget all, as after warming up."""
        self._count = 0

    def summary(self) -> LatencySummary | None:
        """None before the first call."""
        if self._count == 0:
            return None
        recent = self._durations[: self._count]
        median, p99 = np.percentile(recent, (50, 99))
        return LatencySummary(self._count, float(median), float(p99), float(recent.max()))
