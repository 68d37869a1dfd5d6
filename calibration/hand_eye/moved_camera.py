"""Whether a camera was moved while it was being calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.hand_eye.closed_form import motions, park_martin
from cairn.calibration.hand_eye.refinement import Refined, refine
from cairn.calibration.rigid import difference

Array = NDArray[np.float64]

_LEAST = 5  # poses on either side
_CLEAR = 0.35  # share of the errors that two cameras may leave of those of one
_WAY, _TURN = 0.002, 0.3  # [m], [deg] below which nothing moved


@dataclass(frozen=True)
class Move:
    """Between which poses, and how far [m], [deg]."""

    before: int
    after: int
    way: float
    turn: float


def moved_between(
    arm: Sequence[Array], seen: Sequence[Array], covariances: Sequence[Array], in_hand: bool, whole: Refined
) -> Move | None:
    """The move that explains the errors: two cameras fit where one doesn't; None when there is no such.

    Poses in the order of time, otherwise as for `refine`.
    """
    noise = (whole.turn_noise, whole.way_noise)
    total = _cost(whole)
    best, found = np.inf, None
    for cut in range(_LEAST, len(arm) - _LEAST + 1):
        sides = []
        for part in (slice(0, cut), slice(cut, None)):
            start = park_martin(motions(arm[part], seen[part]))
            try:
                sides.append(refine(arm[part], seen[part], covariances[part], start, in_hand, noise))
            except np.linalg.LinAlgError:
                break
        if len(sides) == 2 and (cost := sum(map(_cost, sides))) < best:
            step = difference(sides[1].eye, sides[0].eye)
            best = cost
            turn = float(np.degrees(Rotation.from_rotvec(step[:3]).magnitude()))
            found = Move(cut - 1, cut, float(np.linalg.norm(step[3:])), turn)
    if found is None or best > _CLEAR * total or (found.way < _WAY and found.turn < _TURN):
        return None
    return found


def _cost(fit: Refined) -> float:
    return float(np.einsum("na,nab,nb->", fit.errors, fit.weights, fit.errors))
