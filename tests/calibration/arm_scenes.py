"""Stations of an arm with a camera that is known exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.board.board_pose import BoardPose
from cairn.calibration.hand_eye.station import Station
from cairn.calibration.rigid import inverse, moved

SEEN = np.array([0.002, 0.002, 0.0008, 0.0003, 0.0003, 0.0012])
"""Deviations of a board's pose as a camera sees it [rad], [m]."""


def pose(turn: list[float], way: list[float]) -> NDArray[np.float64]:
    """Of a rotation vector [rad] and a translation [m]."""
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = Rotation.from_rotvec(turn).as_matrix(), way
    return matrix


EYE, BOARD_AT = pose([0.1, -0.4, 1.2], [0.05, -0.02, 0.08]), pose([2.1, 0.3, 0.4], [0.4, 0.1, 0.02])


def stations(
    seed: int = 1,
    count: int = 24,
    in_hand: bool = True,
    turning: tuple[float, float, float] = (0.6, 0.6, 0.6),
    moves: tuple[int, list[float]] | None = None,
    wrong: int | None = None,
    seen: float = 1.0,
) -> list[Station]:
    """Poses with an arm that errs by .1° and .8 mm, and a camera that errs by `seen` times `SEEN`.

    Args:
        turning: of the hand about each axis [rad], either way.
        moves: from which pose on the camera stands elsewhere, and by how much.
        wrong: a pose in which the board is 20 mm and 3° from where it should be.
    """
    random = np.random.default_rng(seed)
    made = []
    for index in range(count):
        turn = random.uniform(-1, 1, 3) * turning
        way = np.array([0.3, 0.0, 0.2]) + random.uniform(-0.1, 0.1, 3)
        hand = pose(turn.tolist(), way.tolist())
        view = inverse(hand @ EYE) @ BOARD_AT
        if moves and index >= moves[0]:
            view = moved(view, np.array(moves[1]))
        if wrong == index:
            view = moved(view, np.array([0, 0.05, 0, 0.02, 0, 0]))
        view = moved(view, random.normal(0, 1, 6) * SEEN * seen)
        told = hand @ pose(random.normal(0, 0.0018, 3).tolist(), random.normal(0, 0.0008, 3).tolist())
        residuals = random.normal(0, 0.1, (40, 2))
        covariance = np.diag(SEEN**2) / 0.01
        made.append(
            Station(f"p{index}", told if in_hand else inverse(told), BoardPose(view, residuals, covariance))
        )
    return made
