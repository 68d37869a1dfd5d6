"""Whether stored intrinsics are still true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from cairn.calibration.board.board_pose import board_pose
from cairn.calibration.board.detection import Detection
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.interval import Interval
from cairn.calibration.intrinsics.adjustment import adjust
from cairn.calibration.intrinsics.lens_family import LensFamily
from cairn.calibration.projection import intrinsics_of
from cairn.calibration.rigid import pose_vector
from cairn.hardware.camera_model import CameraModel

_LEAST = 5
_WORSE = 2.0  # times the error that was told
_HARMLESS = 0.4  # [pixels]
_FOCAL = 0.005  # change that matters


@dataclass(frozen=True)
class IntrinsicCheck:
    """What came out.

    Attributes:
        views: in which the board was seen.
        rms: error of the stored lens on them, each view's pose fitted [pixels].
        told: error on held-out views by the calibration itself [pixels]; None where another tool made it.
        focal_change: of the focal length that these views want, as a share, with its interval.
        problems: why the calibration is no longer true; empty when it is.
    """

    views: int
    rms: float
    told: float | None
    focal_change: Interval
    problems: tuple[str, ...]


def check_intrinsics(
    camera: CameraModel, detections: Sequence[Detection], told: float | None = None
) -> IntrinsicCheck:
    """Compare stored intrinsics with new views.

    A lens that was turned or a camera that was exchanged leaves errors that no pose explains, and wants
    another focal length; the distortion is left as it is stored.

    Raises CalibrationError for fewer than five views, or images of another size.
    """
    if len(detections) < _LEAST:
        raise CalibrationError(
            f"expected the board in at least {_LEAST} images that differ, got {len(detections)}"
        )
    poses = [board_pose(camera, one) for one in detections]
    squares = np.concatenate([(one.residuals**2).sum(axis=1) for one in poses])
    rms = float(np.sqrt(squares.mean()))
    family = LensFamily("as stored", camera.distortion_model, (False,) * len(camera.distortion))
    start = np.array([pose_vector(one.pose) for one in poses])
    fit = adjust(family, detections, intrinsics_of(camera), start)
    half = float(student.ppf(0.975, len(detections) - 1)) * float(np.sqrt(fit.covariance[0, 0])) / camera.fx
    change = Interval(float(fit.intrinsics[0] / camera.fx - 1), half)
    limit = max(_WORSE * told if told else 0.0, _HARMLESS)
    problems = []
    if rms > limit:
        problems.append(
            f"points are off by {rms:.2f} pixels, expected at most {limit:.2f}: the lens was turned, or this "
            "is another camera or board"
        )
    if abs(change.value) - change.half_width > _FOCAL:
        problems.append(
            f"the focal length has changed by {change.value:+.1%} ± {change.half_width:.1%}: calibrate anew"
        )
    return IntrinsicCheck(len(detections), rms, told, change, tuple(problems))
