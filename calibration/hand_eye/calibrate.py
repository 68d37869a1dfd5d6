"""Hand-eye calibration from poses of an arm and pictures of a board."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from scipy.stats import chi2
from scipy.stats import t as student

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.hand_eye.closed_form import SOLVERS, motions, park_martin
from cairn.calibration.hand_eye.hand_eye_calibration import (
    HandEyeCalibration,
    JudgedStation,
    SolverResult,
)
from cairn.calibration.hand_eye.limits import HandEyeLimits
from cairn.calibration.hand_eye.moved_camera import moved_between
from cairn.calibration.hand_eye.refinement import Refined, refine
from cairn.calibration.hand_eye.rotation_spread import rotation_spread
from cairn.calibration.hand_eye.station import Station
from cairn.calibration.rigid import difference, inverse

Array = NDArray[np.float64]

_FOLDS = 5
_LEAST = 5
_PIXEL = 0.05  # [pixels] least noise of a corner
_OUT = 0.9999  # of the distribution of errors from which a pose is faulty
_CONFIDENCE = 0.975
_DRAWS = 4000


def calibrate_hand_eye(
    stations: Sequence[Station],
    in_hand: bool,
    limits: HandEyeLimits | None = None,
    lens: Array | None = None,
) -> HandEyeCalibration:
    """The likeliest transform with its errors.

    Args:
        stations: in the order of time.
        in_hand: whether the camera is in the hand and the board stands still; else the other way round.
        limits: the usual ones if None.
        lens: covariance of the intrinsics, shape (4 + d, 4 + d); the lens is taken for exact if None.

    Raises CalibrationError when there are too few poses, or too little turning, to solve anything.
    """
    limits = limits or HandEyeLimits()
    spread = rotation_spread([one.hand for one in stations])
    if len(stations) < _LEAST:
        raise CalibrationError(
            f"expected at least {limits.stations} poses in which the board is seen, got {len(stations)}"
        )
    if spread[1] < 3.0:
        raise CalibrationError(
            f"the hand was turned about one axis only (by {spread[0]:.0f}°, {spread[1]:.0f}° and "
            f"{spread[2]:.0f}° about its three main axes): no hand-eye transform follows from that"
        )
    arm = [one.hand if in_hand else inverse(one.hand) for one in stations]
    seen = [one.board.pose for one in stations]
    covariances = _covariances(stations)
    kept = list(range(len(stations)))
    fit = _fit(arm, seen, covariances, in_hand, kept)
    problems: list[str] = []
    move = None
    if len(stations) >= 2 * _LEAST:
        move = moved_between(arm, seen, covariances, in_hand, fit)
    if move is not None:
        before, after = stations[move.before].name, stations[move.after].name
        problems.append(
            f"camera or board moved between {before} and {after}, by {move.way * 1000:.1f} mm and "
            f"{move.turn:.2f}°: take all poses anew"
        )
    else:
        kept = _without_faulty(fit, arm, seen, covariances, in_hand, kept)
        fit = _fit(arm, seen, covariances, in_hand, kept)
    predicted = _held_out(fit, arm, seen, covariances, in_hand, kept)
    judged = _judge(stations, fit, arm, kept, predicted)
    freedom = max(1, len(kept) - 2)
    quantile = float(student.ppf(_CONFIDENCE, freedom))
    covariance = fit.covariance
    by_lens = [stations[i].board.by_lens for i in kept]
    if lens is not None and all(one is not None for one in by_lens):
        covariance = fit.with_lens([one for one in by_lens if one is not None], lens)
    way, turn = _extent(covariance, quantile)
    used = [one for one in judged if not one.fault]
    held_out_way = float(np.sqrt(np.mean([one.way**2 for one in used])))
    held_out_turn = float(np.sqrt(np.mean([one.turn**2 for one in used])))
    pairs = motions([arm[i] for i in kept], [seen[i] for i in kept])
    spread = rotation_spread([stations[i].hand for i in kept])
    problems += _problems(limits, len(stations), len(kept), spread, held_out_way, held_out_turn)
    return HandEyeCalibration(
        in_hand,
        fit.eye,
        fit.board,
        covariance,
        quantile,
        way,
        turn,
        held_out_way,
        held_out_turn,
        fit.way_noise,
        float(np.degrees(fit.turn_noise)),
        tuple(_solver(name, solve(pairs), fit.eye) for name, solve in SOLVERS.items()),
        spread,
        judged,
        tuple(problems),
    )


def _covariances(stations: Sequence[Station]) -> list[Array]:
    """Of each board's pose, by the noise that all views show together."""
    squares = np.concatenate([(one.board.residuals**2).ravel() for one in stations])
    # A view with few points fits itself; all views together tell what a point's noise is.
    freedom = max(1, len(squares) - 6 * len(stations))
    variance = max(float(np.median(squares)) / 0.455, _PIXEL**2) * len(squares) / freedom
    return [one.board.covariance * variance for one in stations]


def _fit(
    arm: Sequence[Array],
    seen: Sequence[Array],
    covariances: Sequence[Array],
    in_hand: bool,
    chosen: Sequence[int],
    noise: tuple[float, float] | None = None,
) -> Refined:
    arms, boards = [arm[i] for i in chosen], [seen[i] for i in chosen]
    start = park_martin(motions(arms, boards))
    try:
        return refine(arms, boards, [covariances[i] for i in chosen], start, in_hand, noise)
    except np.linalg.LinAlgError as error:
        raise CalibrationError("the poses don't determine a hand-eye transform") from error


def _without_faulty(
    fit: Refined,
    arm: Sequence[Array],
    seen: Sequence[Array],
    covariances: Sequence[Array],
    in_hand: bool,
    kept: list[int],
) -> list[int]:
    """Leave out one pose after the other whose error is no longer noise, the worst first."""
    most = max(1, len(kept) // 4)
    limit = float(chi2.ppf(_OUT, 6))
    for _ in range(most):
        # Judged by the median: a faulty pose makes the arm's noise look larger than it is.
        squares = np.einsum("na,nab,nb->n", fit.errors, fit.weights, fit.errors)
        squares *= float(chi2.ppf(0.5, 6)) / max(float(np.median(squares)), 1e-9)
        worst = int(np.argmax(squares))
        if squares[worst] < 2 * limit or len(kept) <= _LEAST + 1:
            break
        kept = [index for place, index in enumerate(kept) if place != worst]
        fit = _fit(arm, seen, covariances, in_hand, kept)
    return kept


def _held_out(
    fit: Refined,
    arm: Sequence[Array],
    seen: Sequence[Array],
    covariances: Sequence[Array],
    in_hand: bool,
    kept: Sequence[int],
) -> dict[int, Array]:
    """Errors (6,) of poses that the transform was not fitted to, by their place in `arm`."""
    errors = {}
    noise = (fit.turn_noise, fit.way_noise)
    for fold in range(_FOLDS):
        rest = [index for place, index in enumerate(kept) if place % _FOLDS != fold]
        left = [index for place, index in enumerate(kept) if place % _FOLDS == fold]
        if not left:
            continue
        part = _fit(arm, seen, covariances, in_hand, rest, noise)
        for index in left:
            expected = inverse(part.eye) @ inverse(arm[index]) @ part.board
            errors[index] = difference(seen[index], expected)
    return errors


def _judge(
    stations: Sequence[Station],
    fit: Refined,
    arm: Sequence[Array],
    kept: Sequence[int],
    predicted: dict[int, Array],
) -> tuple[JudgedStation, ...]:
    judged = []
    for index, station in enumerate(stations):
        expected = inverse(fit.eye) @ inverse(arm[index]) @ fit.board
        error = predicted.get(index, difference(station.board.pose, expected))
        way, turn = float(np.linalg.norm(error[3:])), _angle(error[:3])
        fault = ""
        if index not in kept:
            fault = f"the board is {way * 1000:.1f} mm and {turn:.2f}° from where all other poses have it"
        judged.append(JudgedStation(station, expected, way, turn, fault))
    return tuple(judged)


def _solver(name: str, eye: Array, refined: Array) -> SolverResult:
    step = difference(eye, refined)
    return SolverResult(name, eye, float(np.linalg.norm(step[3:])), _angle(step[:3]))


def _extent(covariance: Array, quantile: float) -> tuple[float, float]:
    """What shift [m] and turn [deg] are exceeded in 5 of 100 cases."""
    draws = np.random.default_rng(0).multivariate_normal(np.zeros(6), covariance, _DRAWS)
    wider = quantile / 1.96
    way = np.quantile(np.linalg.norm(draws[:, 3:], axis=1), 0.95) * wider
    turn = np.quantile(np.linalg.norm(draws[:, :3], axis=1), 0.95) * wider
    return float(way), float(np.degrees(turn))


def _problems(
    limits: HandEyeLimits,
    given: int,
    kept: int,
    spread: tuple[float, float, float],
    way: float,
    turn: float,
) -> list[str]:
    problems = []
    if kept < limits.stations:
        problems.append(f"{kept} good poses, expected at least {limits.stations}")
    if given - kept > limits.faulty * given:
        problems.append(f"{given - kept} of {given} poses disagree with the others")
    if spread[1] < limits.spread:
        problems.append(
            f"the hand was turned by {spread[0]:.0f}° and {spread[1]:.0f}° about its two main axes, expected "
            f"at least {limits.spread:g}° about both"
        )
    if way > limits.way:
        problems.append(
            f"held-out poses are off by {way * 1000:.1f} mm, the limit is {limits.way * 1000:g} mm"
        )
    if turn > limits.turn:
        problems.append(f"held-out poses are off by {turn:.2f}°, the limit is {limits.turn:g}°")
    return problems


def _angle(turn: Array) -> float:
    return float(np.degrees(Rotation.from_rotvec(turn).magnitude()))
