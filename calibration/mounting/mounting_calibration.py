"""A camera's mounting with its errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.hand_eye.station import Station
from cairn.calibration.interval import Interval

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MountingCalibration:
    """What came out.

    Attributes:
        eye: pose of the optical frame in `base_link`, shape (4, 4).
        covariance: of a small turn [rad] and shift [m] along the axes of `base_link`, shape (6, 6).
        quantile: by which deviations become 95 % intervals.
        errors: of each place, seen minus expected board: way [m] and turn [deg], shape (n, 2).
        stations: the places: `hand` is the board's measured pose in `base_link`.
        problems: why this must not be used; empty for a good one.
    """

    eye: Array
    covariance: Array
    quantile: float
    errors: Array
    stations: tuple[Station, ...]
    problems: tuple[str, ...]

    @property
    def half_widths(self) -> Array:
        """Of the 95 % intervals of turn [rad] and shift [m], shape (6,)."""
        return self.quantile * np.sqrt(np.diag(self.covariance))

    @property
    def height(self) -> Interval:
        """Of the optical centre above `base_link` [m]."""
        return Interval(float(self.eye[2, 3]), float(self.half_widths[5]))

    @property
    def pitch(self) -> Interval:
        """How far the optical axis points below the horizon [deg]."""
        slopes = self._slopes()
        return Interval(pitch_of(self.eye), float(np.degrees(self.quantile * slopes[0])))

    @property
    def roll(self) -> Interval:
        """About the optical axis, positive leans to the right [deg]."""
        return Interval(roll_of(self.eye), float(np.degrees(self.quantile * self._slopes()[1])))

    def _slopes(self) -> tuple[float, float]:
        """Deviations of pitch and roll [rad], by numerical derivatives along turns."""
        gradients = np.zeros((2, 3))
        step = 1e-5
        for axis in range(3):
            x, y, z = np.eye(3)[axis] * step
            turn = np.eye(3) + np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
            turned = self.eye.copy()
            turned[:3, :3] = turn @ self.eye[:3, :3]
            gradients[0, axis] = np.radians(pitch_of(turned) - pitch_of(self.eye)) / step
            gradients[1, axis] = np.radians(roll_of(turned) - roll_of(self.eye)) / step
        turns = self.covariance[:3, :3]
        return tuple(float(np.sqrt(row @ turns @ row)) for row in gradients)  # type: ignore[return-value]


def pitch_of(eye: Array) -> float:
    """How far an optical axis points below the horizon [deg]."""
    return float(np.degrees(np.arcsin(np.clip(-eye[2, 2], -1, 1))))


def roll_of(eye: Array) -> float:
    """How far a camera leans to the right about its optical axis [deg]; undefined straight up or down."""
    return float(np.degrees(np.arctan2(-eye[2, 0], -eye[2, 1])))
