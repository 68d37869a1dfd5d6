"""A hand-eye transform with its errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.hand_eye.station import Station

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SolverResult:
    """What one closed form gave: the camera's pose (4, 4), and how far from the refined one [m], [deg]."""

    name: str
    eye: Array
    way: float
    turn: float


@dataclass(frozen=True, eq=False)
class JudgedStation:
    """A pose of the arm, how far the board was from where it was expected, and why it was left out.

    Attributes:
        station: pose and picture.
        expected: pose of the board in the optical frame by the calibration, shape (4, 4).
        way, turn: of the held-out prediction from what was seen [m], [deg].
        fault: "" when it was used.
    """

    station: Station
    expected: Array
    way: float
    turn: float
    fault: str = ""


@dataclass(frozen=True, eq=False)
class HandEyeCalibration:
    """What came out.

    Attributes:
        in_hand: whether the camera is in the hand; else it looks at the hand.
        eye: pose of the optical frame in the hand, or in the arm's base, shape (4, 4).
        board: pose of the board in the arm's base, or in the hand, shape (4, 4).
        covariance: of a small turn [rad] and shift [m] of `eye` along the outer frame's axes, shape (6, 6).
        quantile: by which deviations become 95 % intervals.
        way, turn: what the error of `eye` exceeds in 5 of 100 cases [m], [deg].
        held_out_way, held_out_turn: root mean square error on held-out poses [m], [deg].
        arm_way, arm_turn: noise of the arm's poses [m], [deg] that the data show.
        solvers: the five closed forms.
        spread: of the hand's rotation about its three main axes, greatest first [deg].
        stations: all of them, faulty ones included.
        problems: why this must not be used; empty for a good one.
    """

    in_hand: bool
    eye: Array
    board: Array
    covariance: Array
    quantile: float
    way: float
    turn: float
    held_out_way: float
    held_out_turn: float
    arm_way: float
    arm_turn: float
    solvers: tuple[SolverResult, ...]
    spread: tuple[float, float, float]
    stations: tuple[JudgedStation, ...]
    problems: tuple[str, ...]

    @property
    def half_widths(self) -> Array:
        """Of the 95 % intervals of `eye`'s turn [rad] and shift [m], shape (6,)."""
        return self.quantile * np.sqrt(np.diag(self.covariance))

    @property
    def outliers(self) -> tuple[JudgedStation, ...]:
        """Poses that were left out."""
        return tuple(station for station in self.stations if station.fault)
