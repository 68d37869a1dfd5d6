"""From odometry to the path driven."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from cairn.episodes.message_values import odometry
from cairn.evaluation.recording.recording import DrivenPath

_PERIOD = 0.04  # [s] a picture shows no more
_FASTEST = 15.0  # [m/s] what is faster is a jump
_SMALLEST_JUMP = 0.5  # [m]


class PathBuilder:
    """Keeps at most 25 samples a second of the odometry on `topic`."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._samples = array("d")
        self._last = -np.inf

    def wants(self, time: float) -> bool:
        """Whether a message at this time [s] would be kept."""
        return not 0.0 <= time - self._last < _PERIOD

    def add(self, time: float, message: Any) -> None:
        """Keep a decoded nav_msgs/Odometry; one without a finite pose is passed over."""
        value = odometry(message)
        if value is None:
            return
        speed = abs(value.velocity.linear) if value.velocity is not None else np.nan
        self._samples.extend((time, value.pose.x, value.pose.y, speed))
        self._last = time

    def build(self) -> DrivenPath | None:
        """The path, None for less than two samples."""
        samples = np.frombuffer(self._samples, float).reshape(-1, 4)
        if len(samples) < 2:
            return None
        times, x, y, speeds = samples[np.argsort(samples[:, 0], kind="stable")].T
        steps = np.hypot(np.diff(x), np.diff(y))
        jumps = steps > np.maximum(_FASTEST * np.diff(times), _SMALLEST_JUMP)
        distances = np.concatenate([[0.0], np.cumsum(np.where(jumps, 0.0, steps))])
        measured = np.append(0.0, np.where(jumps, 0.0, steps) / np.maximum(np.diff(times), 1e-3))
        speeds = np.where(np.isfinite(speeds), speeds, measured)
        return DrivenPath(self._topic, times, x, y, speeds, distances, np.append(False, jumps))
