"""Turn on the spot through headings that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist
from cairn.navigation.pose import wrap_angle

_SEEN = 0.35  # [rad] off a heading at which a view of it counts
_GAIN = 2.0  # rad/s a rad


class LookAround:
    """Headings still to look into, in the order of one turn; none at first.

    Args:
        turn_rate: fastest turn [rad/s].
    """

    def __init__(self, turn_rate: float) -> None:
        self._turn_rate = turn_rate
        self._headings: list[float] = []

    def __bool__(self) -> bool:
        return bool(self._headings)

    def begin(self, headings: Sequence[float] | NDArray[np.float64], yaw: float) -> None:
        """Look into these headings [rad], from `yaw` the shorter way round."""
        if len(headings) == 0:
            return
        turns = np.array([wrap_angle(float(heading) - yaw) for heading in headings])
        left, right = np.sort(turns % (2 * pi)), np.sort(-turns % (2 * pi))
        sign, sweep = (1, left) if left[-1] <= right[-1] else (-1, right)
        self._headings = [wrap_angle(yaw + sign * float(angle)) for angle in sweep]

    def begin_full_turn(self, yaw: float) -> None:
        """Look everywhere."""
        self._headings = [wrap_angle(yaw + k * pi / 3) for k in range(1, 7)]

    def stop(self) -> None:
        """What is left needs no look."""
        self._headings = []

    def step(self, yaw: float) -> Twist | None:
        """Turn on towards the next heading; None when all were seen."""
        while self._headings:
            turn = wrap_angle(self._headings[0] - yaw)
            if abs(turn) > _SEEN:
                return Twist(0.0, float(np.clip(_GAIN * turn, -self._turn_rate, self._turn_rate)))
            self._headings.pop(0)
        return None
