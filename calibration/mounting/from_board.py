"""The mounting of a camera from a board at places that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, radians

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from scipy.stats import t as student

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.hand_eye.station import Station
from cairn.calibration.mounting.mounting_calibration import MountingCalibration
from cairn.calibration.rigid import difference, inverse, mean_pose, moved, turned_about

Array = NDArray[np.float64]

_STEPS = 30
_PIXEL = 0.1  # [pixels] least noise of a corner
_SURPRISE = 3.0  # times the stated error of places


@dataclass(frozen=True)
class PlacingError:
    """How exactly the board's places were measured: one standard deviation [m], [deg]."""

    way: float = 0.003
    turn: float = 0.3

    def __post_init__(self) -> None:
        if not all(isfinite(one) and one > 0 for one in (self.way, self.turn)):
            raise CalibrationError(f"a placing error must be positive, got {self.way} m, {self.turn}°")


def mounting_from_board(
    stations: Sequence[Station], placing: PlacingError | None = None, lens: Array | None = None
) -> MountingCalibration:
    """The likeliest pose of a camera in `base_link`.

    Args:
        stations: places of the board: `hand` is its measured pose in `base_link`.
        placing: how exact that is; 3 mm and .3° if None.
        lens: covariance of the intrinsics, shape (4 + d, 4 + d); the lens is taken for exact if None.

    Raises CalibrationError without any place.
    """
    placing = placing or PlacingError()
    if not stations:
        raise CalibrationError("expected at least one place in which the board is seen, got none")
    eye = mean_pose([one.hand @ inverse(one.board.pose) for one in stations])
    errors, slopes, weights = _linearised(stations, eye, placing)
    for _ in range(_STEPS):
        normal = np.einsum("nai,nab,nbj->ij", slopes, weights, slopes)
        step = -np.linalg.solve(normal, np.einsum("nai,nab,nb->i", slopes, weights, errors))
        eye = moved(eye, step)
        errors, slopes, weights = _linearised(stations, eye, placing)
        if np.abs(step).max() < 1e-10:
            break
    normal = np.einsum("nai,nab,nbj->ij", slopes, weights, slopes)
    freedom = 6 * (len(stations) - 1)
    excess = float(np.einsum("na,nab,nb->", errors, weights, errors)) / max(1, freedom)
    # Places that disagree by more than chance were measured worse than was said.
    worse = bool(freedom) and excess > float(chi2.ppf(0.95, freedom)) / freedom
    covariance = np.linalg.inv(normal) * (excess if worse else 1.0)
    by_lens = [one.board.by_lens for one in stations if one.board.by_lens is not None]
    if lens is not None and len(by_lens) == len(stations):
        pull = np.einsum("nai,nab,nbk->ik", slopes, weights, np.array(by_lens))
        gain = np.linalg.solve(normal, pull)
        covariance = covariance + gain @ lens @ gain.T
    quantile = float(student.ppf(0.975, freedom)) if worse else 1.96
    sizes = np.stack(
        [np.linalg.norm(errors[:, 3:], axis=1), np.degrees(np.linalg.norm(errors[:, :3], axis=1))], axis=1
    )
    problems = []
    if np.sqrt(excess) > _SURPRISE:
        problems.append(
            f"the places disagree {np.sqrt(excess):.0f} times as much as places measured to "
            f"{placing.way * 1000:g} mm and {placing.turn:g}° should: measure them anew, or was the camera "
            "moved?"
        )
    return MountingCalibration(eye, covariance, quantile, sizes, tuple(stations), tuple(problems))


def _linearised(stations: Sequence[Station], eye: Array, placing: PlacingError) -> tuple[Array, Array, Array]:
    """Errors (n, 6), their derivatives (n, 6, 6) by a step of `eye`, and their inverse covariances."""
    back = inverse(eye)
    turned = back[:3, :3]
    place = np.repeat([radians(placing.turn) ** 2, placing.way**2], 3)
    errors, slopes, weights = [], [], []
    for one in stations:
        errors.append(difference(one.board.pose, back @ one.hand))
        slope = np.zeros((6, 6))
        slope[:3, :3] = slope[3:, 3:] = turned
        slope[3:, :3] = -turned @ turned_about(one.hand[:3, 3] - eye[:3, 3])
        slopes.append(slope)
        pixel = max(float(np.mean(one.board.residuals**2)), _PIXEL**2)
        spread = np.zeros((6, 6))
        spread[:3, :3] = spread[3:, 3:] = turned
        weights.append(np.linalg.inv(one.board.covariance * pixel + spread @ np.diag(place) @ spread.T))
    return np.array(errors), np.array(slopes), np.array(weights)
