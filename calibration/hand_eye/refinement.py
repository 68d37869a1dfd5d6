"""The likeliest hand-eye transform, given how far camera and arm can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from cairn.calibration.rigid import difference, inverse, mean_pose, moved, turned_about

Array = NDArray[np.float64]

_STEPS = 30
_ROUNDS = 4
_LEAST_TURN, _LEAST_WAY = 1e-5, 1e-5  # of the arm's noise [rad], [m]


@dataclass(frozen=True, eq=False)
class Refined:
    """What fits best.

    Attributes:
        eye: X, shape (4, 4): the camera in the hand, or in the arm's base.
        board: Z, shape (4, 4): the board in the arm's base, or in the hand.
        covariance: of `eye`, a small turn [rad] and shift [m] along the axes of its outer frame, (6, 6).
        turn_noise, way_noise: of the arm's poses [rad], [m].
        errors: of each pose, seen minus expected board in the optical frame, shape (n, 6).
        weights: inverse covariance of each error, shape (n, 6, 6).
        slopes: derivatives of the errors by steps of `eye` and `board`, shape (n, 6, 12).
    """

    eye: Array
    board: Array
    covariance: Array
    turn_noise: float
    way_noise: float
    errors: Array
    weights: Array
    slopes: Array

    def with_lens(self, by_lens: Sequence[Array], lens: Array) -> Array:
        """The covariance of `eye` when the lens is uncertain too, shape (6, 6).

        Args:
            by_lens: how each board's pose changes with the intrinsics, shape (6, k) each.
            lens: covariance of the intrinsics, shape (k, k).
        """
        normal = np.einsum("nai,nab,nbj->ij", self.slopes, self.weights, self.slopes)
        pull = np.einsum("nai,nab,nbk->ik", self.slopes, self.weights, np.array(by_lens))
        gain = np.linalg.solve(normal, pull)[:6]
        return np.asarray(self.covariance + gain @ lens @ gain.T)


def refine(
    arm: Sequence[Array],
    seen: Sequence[Array],
    seen_covariance: Sequence[Array],
    start: Array,
    in_hand: bool,
    noise: tuple[float, float] | None = None,
) -> Refined:
    """Least reprojection error, with errors of the arm's poses allowed for.

    The reprojection error of each view is its quadratic form around the board's best pose; beside it stands
    the arm's noise, whose size follows from the data by restricted maximum likelihood (Patterson and Thompson
    1971): with joints that err by .1° a camera of a tenth of a pixel has little to say in the matter.

    Args:
        arm: A_i with A_i · X · B_i = Z, shape (4, 4).
        seen: B_i, the board in the optical frame.
        seen_covariance: of a small turn and shift of each B_i in the optical frame, shape (6, 6).
        start: X.
        in_hand: whether the camera is in the hand, so that A_i is the hand's pose; else it is the inverse.
        noise: of the arm [rad], [m], if it is known; estimated if None.
    """
    inverses = [inverse(one) for one in arm]
    eye = start
    board = mean_pose([a @ eye @ b for a, b in zip(arm, seen, strict=True)])
    levels = np.log(noise or (2e-3, 1e-3))
    for _ in range(1 if noise else _ROUNDS):
        eye, board = _solve(inverses, seen, seen_covariance, eye, board, in_hand, np.exp(levels))
        if noise is None:
            errors, slopes = _linearised(inverses, seen, eye, board)
            spread = _arm_spread(inverses, eye, board, in_hand)
            found = minimize(
                _restricted_likelihood,
                levels,
                (errors, slopes, np.array(seen_covariance), spread),
                "Nelder-Mead",
                options={"xatol": 0.02, "fatol": 0.01, "maxiter": 120},
            )
            levels = np.maximum(found.x, np.log([_LEAST_TURN, _LEAST_WAY]))
    eye, board = _solve(inverses, seen, seen_covariance, eye, board, in_hand, np.exp(levels))
    errors, slopes = _linearised(inverses, seen, eye, board)
    weights = _weights(np.array(seen_covariance), _arm_spread(inverses, eye, board, in_hand), np.exp(levels))
    turn_noise, way_noise = (float(level) for level in np.exp(levels))
    covariance = _covariance(errors, slopes, weights)
    return Refined(eye, board, covariance, turn_noise, way_noise, errors, weights, slopes)


def _solve(
    inverses: Sequence[Array],
    seen: Sequence[Array],
    seen_covariance: Sequence[Array],
    eye: Array,
    board: Array,
    in_hand: bool,
    noise: Array,
) -> tuple[Array, Array]:
    covariances = np.array(seen_covariance)
    for _ in range(_STEPS):
        errors, slopes = _linearised(inverses, seen, eye, board)
        weights = _weights(covariances, _arm_spread(inverses, eye, board, in_hand), noise)
        normal = np.einsum("nai,nab,nbj->ij", slopes, weights, slopes)
        step = -np.linalg.solve(normal, np.einsum("nai,nab,nb->i", slopes, weights, errors))
        eye, board = moved(eye, step[:6]), moved(board, step[6:])
        if np.abs(step).max() < 1e-10:
            break
    return eye, board


def _linearised(
    inverses: Sequence[Array], seen: Sequence[Array], eye: Array, board: Array
) -> tuple[Array, Array]:
    """Errors (n, 6) and their derivatives (n, 6, 12) by steps of `eye` and `board`.

    With P = X⁻¹ A⁻¹ Z the expected pose of the board, an error is the step from P to what was seen.
    """
    back = inverse(eye)
    errors, slopes = [], []
    for arm, view in zip(inverses, seen, strict=True):
        there = arm @ board  # the board in the eye's outer frame
        expected = back @ there
        errors.append(difference(view, expected))
        slope = np.zeros((6, 12))
        # X turned by w and shifted by v: P turns by -Rᵀw and moves by -Rᵀ(w cross (p - x) + v).
        slope[:3, :3] = back[:3, :3]
        slope[3:, :3] = -back[:3, :3] @ turned_about(there[:3, 3] - eye[:3, 3])
        slope[3:, 3:6] = back[:3, :3]
        # Z turned by w and shifted by v, both seen through the arm.
        through = (back @ arm)[:3, :3]
        slope[:3, 6:9] = -through
        slope[3:, 9:12] = -through
        slopes.append(slope)
    return np.array(errors), np.array(slopes)


def _arm_spread(inverses: Sequence[Array], eye: Array, board: Array, in_hand: bool) -> Array:
    """How a small turn of the hand about itself, and a shift, move the board in the optical frame.

    Shape (n, 6, 6), by the axes of the frame that the eye's pose is in: the arm's noise has no direction.
    """
    back = inverse(eye)
    spread = []
    for arm in inverses:
        pivot = np.zeros(3) if in_hand else arm[:3, 3]
        there = arm @ board
        effect = np.zeros((6, 6))
        effect[:3, :3] = back[:3, :3]
        effect[3:, :3] = -back[:3, :3] @ turned_about(there[:3, 3] - pivot)
        effect[3:, 3:] = back[:3, :3]
        spread.append(effect)
    return np.array(spread)


def _weights(seen: Array, spread: Array, noise: Array) -> Array:
    level = np.repeat(np.asarray(noise) ** 2, 3)
    return np.linalg.inv(seen + np.einsum("nai,i,nbi->nab", spread, level, spread))


def _restricted_likelihood(levels: Array, errors: Array, slopes: Array, seen: Array, spread: Array) -> float:
    """-2 log of it, up to a constant, at the logarithms of the arm's noise [rad], [m]."""
    weights = _weights(seen, spread, np.exp(np.maximum(levels, np.log([_LEAST_TURN, _LEAST_WAY]))))
    normal = np.einsum("nai,nab,nbj->ij", slopes, weights, slopes)
    vector = np.einsum("nai,nab,nb->i", slopes, weights, errors)
    left = np.einsum("na,nab,nb->", errors, weights, errors) - vector @ np.linalg.solve(normal, vector)
    return float(left - np.linalg.slogdet(weights)[1].sum() + np.linalg.slogdet(normal)[1])


def _covariance(errors: Array, slopes: Array, weights: Array) -> Array:
    """Of the eye; the greater of the model's and the one robust to errors of another kind (CR3)."""
    normal = np.einsum("nai,nab,nbj->ij", slopes, weights, slopes)
    plain = np.linalg.inv(normal)
    meat = np.zeros((12, 12))
    for error, slope, weight in zip(errors, slopes, weights, strict=True):
        rest = np.eye(6) - slope @ plain @ slope.T @ weight
        score = slope.T @ weight @ np.linalg.lstsq(rest, error, rcond=1e-9)[0]
        meat += np.outer(score, score)
    robust = plain @ meat @ plain * (len(errors) - 1) / len(errors)
    stretch = np.sqrt(np.maximum(1.0, np.diag(robust) / np.diag(plain)))
    return np.asarray((plain * np.outer(stretch, stretch))[:6, :6])
