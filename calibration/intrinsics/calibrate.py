"""Intrinsics from views of a board."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import t as student

from cairn.calibration.board.detection import LEAST_POINTS, Detection
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.intrinsics.adjustment import Adjustment, adjust
from cairn.calibration.intrinsics.coverage import Coverage, coverage
from cairn.calibration.intrinsics.held_out import held_out_errors
from cairn.calibration.intrinsics.intrinsic_calibration import (
    Candidate,
    IntrinsicCalibration,
    JudgedView,
)
from cairn.calibration.intrinsics.lens_family import FAMILIES, LensFamily
from cairn.calibration.intrinsics.limits import IntrinsicLimits
from cairn.calibration.intrinsics.starting_point import starting_point
from cairn.calibration.intrinsics.view import View
from cairn.calibration.projection import Array, camera_of
from cairn.calibration.rigid import matrix_of
from cairn.hardware.errors import CairnError

_FAR_OUT = 5.0  # deviations, by the median deviation, from which a view is faulty
_NEVER_OUT = 2.0  # medians below which it isn't
_HARMLESS = 0.3  # [pixels] never faulty
_BLURRED = 2.0  # medians
_STRAY = 6.0  # medians from which a point is
_FEW = 0.25  # share of a view's points that may stray before the view does
_CONFIDENCE = 0.975


def calibrate_intrinsics(
    views: Sequence[View],
    limits: IntrinsicLimits | None = None,
    families: Sequence[LensFamily] = FAMILIES,
    progress: Callable[[float], None] = lambda share: None,
) -> IntrinsicCalibration:
    """Fit every lens, leave out faulty views, and take the lens that predicts held-out views best.

    Of lenses that do equally well, within a standard error, the one with the fewest coefficients is taken.

    Args:
        views: of one camera, any order.
        limits: the usual ones if None.
        families: lenses to try.
        progress: told the share done.

    Raises CalibrationError when there are too few views to fit anything, or their images differ in size.
    """
    limits = limits or IntrinsicLimits()
    if len(views) < 6:
        raise CalibrationError(
            f"expected at least {limits.views} views in which the board is found, got {len(views)}"
        )
    sizes = {view.detection.size for view in views}
    if len(sizes) > 1:
        raise CalibrationError(f"the images differ in size: {sorted(sizes)}; they must be of one camera")
    rough: list[Adjustment] = []
    for index, family in enumerate(families):
        first = _first_fit(family, [view.detection for view in views])
        rough += [first] if first is not None else []
        progress(0.4 * (index + 1) / len(families))
    detections = _without_stray_points([view.detection for view in views], rough)
    views = [View(view.name, one) for view, one in zip(views, detections, strict=True)]
    fits: list[tuple[Adjustment, Array]] = []
    for index, start in enumerate(rough):
        fit = adjust(start.family, detections, start.intrinsics, start.poses)
        fits.append((fit, held_out_errors(fit, detections)))
        progress(0.4 + 0.4 * (index + 1) / len(rough))
    if not fits:
        raise CalibrationError("no lens fits the views: is this the board, and one camera?")
    best, _ = _preferred(fits)
    faults = _faults(best, views)
    kept = [index for index, fault in enumerate(faults) if not fault]
    if len(kept) < 6:
        raise CalibrationError(
            f"only {len(kept)} of {len(views)} views agree with each other; expected {limits.views}: "
            "is the board's size right?"
        )
    if len(kept) < len(views):
        fits = [
            (again, held_out_errors(again, [detections[i] for i in kept]))
            for again in (
                adjust(fit.family, [detections[i] for i in kept], fit.intrinsics, fit.poses[kept])
                for fit, _ in fits
            )
        ]
    best, errors = _preferred(fits)
    progress(1.0)
    return _result(best, errors, fits, views, faults, kept, limits)


def _first_fit(family: LensFamily, detections: Sequence[Detection]) -> Adjustment | None:
    try:
        return adjust(family, detections, *starting_point(family, detections))
    except CairnError:
        return None


def _without_stray_points(detections: Sequence[Detection], fits: Sequence[Adjustment]) -> list[Detection]:
    """Single points that the most flexible lens can't explain are left out: glare, a finger, a crease."""
    if not fits:
        return list(detections)
    best = min(fits, key=lambda fit: float(np.median(np.abs(np.concatenate(fit.residuals)))))
    away = [np.linalg.norm(one, axis=1) for one in best.residuals]
    limit = max(_STRAY * float(np.median(np.concatenate(away))), _HARMLESS)
    kept = []
    for one, distances in zip(detections, away, strict=True):
        stray = distances > limit
        few = stray.mean() <= _FEW and (~stray).sum() >= LEAST_POINTS
        kept.append(one.part(~stray) if few else one)
    return kept


def _preferred(fits: Sequence[tuple[Adjustment, Array]]) -> tuple[Adjustment, Array]:
    best, least = min(fits, key=lambda pair: float(np.mean(pair[1])))
    for fit, errors in fits:
        if fit is best:
            break
        worse = errors - least
        if worse.mean() <= worse.std() / np.sqrt(len(worse)):
            return fit, errors
    return best, least


def _faults(fit: Adjustment, views: Sequence[View]) -> list[str]:
    """For each view why it is faulty, or ""."""
    errors = fit.view_rms
    median = float(np.median(errors))
    deviation = 1.4826 * float(np.median(np.abs(errors - median)))
    limit = max(median + _FAR_OUT * deviation, _NEVER_OUT * median, _HARMLESS)
    blur = float(np.median([view.detection.blur for view in views]))
    faults = []
    for view, error in zip(views, errors, strict=True):
        fault = ""
        if error > limit:
            fault = f"its points are off by {error:.2f} pixels, those of the other views by {median:.2f}"
            if view.detection.blur > max(_BLURRED * blur, 3.5):
                fault += f"; it is blurred (edges {view.detection.blur:.1f} pixels wide, usually {blur:.1f})"
        faults.append(fault)
    return faults


def _result(
    best: Adjustment,
    errors: Array,
    fits: Sequence[tuple[Adjustment, Array]],
    views: Sequence[View],
    faults: Sequence[str],
    kept: Sequence[int],
    limits: IntrinsicLimits,
) -> IntrinsicCalibration:
    size = views[0].detection.size
    camera = camera_of(best.family.model, best.intrinsics, size)
    judged = []
    place = {index: number for number, index in enumerate(kept)}
    for index, (view, fault) in enumerate(zip(views, faults, strict=True)):
        if index in place:
            number = place[index]
            pose, residuals = matrix_of(best.poses[number]), best.residuals[number]
            judged.append(JudgedView(view, pose, residuals, float(best.view_rms[number])))
        else:
            judged.append(JudgedView(view, np.eye(4), np.zeros((0, 2)), float("nan"), fault))
    spread = coverage([views[index].detection for index in kept])
    held_out = float(np.sqrt(np.mean(errors**2)))
    quantile = float(student.ppf(_CONFIDENCE, max(1, len(kept) - 1)))
    candidates = tuple(
        Candidate(fit.family.label, fit.rms, float(np.sqrt(np.mean(left**2)))) for fit, left in fits
    )
    problems = _problems(best, camera.fx, quantile, held_out, spread, len(views), len(kept), limits)
    return IntrinsicCalibration(
        camera,
        best.family.label,
        best.covariance,
        quantile,
        best.rms,
        held_out,
        candidates,
        tuple(judged),
        spread,
        tuple(problems),
    )


def _problems(
    fit: Adjustment,
    focal: float,
    quantile: float,
    held_out: float,
    spread: Coverage,
    given: int,
    kept: int,
    limits: IntrinsicLimits,
) -> list[str]:
    problems = []
    if kept < limits.views:
        problems.append(f"{kept} good views, expected at least {limits.views}")
    if given - kept > limits.faulty * given:
        problems.append(f"{given - kept} of {given} views disagree with the others")
    if held_out > limits.held_out:
        problems.append(
            f"held-out views are off by {held_out:.2f} pixels, the limit is {limits.held_out:g}: "
            "is the board flat, its size right, the camera's lens locked?"
        )
    width = quantile * float(np.sqrt(fit.covariance[0, 0])) / focal
    if not width <= limits.focal:
        problems.append(
            f"the focal length is known to ±{width:.1%} only, the limit is ±{limits.focal:.1%}: "
            "the views are too much alike"
        )
    if spread.share < limits.share:
        problems.append(f"{spread.share:.0%} of the image seen, expected at least {limits.share:.0%}")
    return problems
