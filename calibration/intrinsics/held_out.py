"""How well a lens predicts views that it was not fitted to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cairn.calibration.board.board_pose import board_pose
from cairn.calibration.board.detection import Detection
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.intrinsics.adjustment import Adjustment, adjust
from cairn.calibration.projection import Array, camera_of, project_board
from cairn.calibration.rigid import matrix_of, pose_vector

FOLDS = 4
_HOPELESS = 50.0  # [pixels] where a left-out view can't be explained at all


def held_out_errors(fit: Adjustment, detections: Sequence[Detection]) -> Array:
    """Root mean square distance [pixels] in each view, shape (v,), with the lens fitted without it.

    Every fourth view is left out at a time.  A left-out view gives its pose with every other point; the
    error is that of the remaining points.
    """
    errors = np.full(len(detections), _HOPELESS)
    folds = np.arange(len(detections)) % FOLDS
    for fold in range(FOLDS):
        kept = np.flatnonzero(folds != fold).tolist()
        try:
            refit = adjust(fit.family, [detections[i] for i in kept], fit.intrinsics, fit.poses[kept])
        except CalibrationError:
            continue
        for index in np.flatnonzero(folds == fold).tolist():
            errors[index] = _error(refit, detections[index], matrix_of(fit.poses[index]))
    return errors


def _error(fit: Adjustment, detection: Detection, near: Array) -> float:
    """The mean over both halves of the points, each predicted from the other."""
    camera = camera_of(fit.family.model, fit.intrinsics, detection.size)
    even = np.arange(len(detection)) % 2 == 0
    squares = []
    for given in (even, ~even):
        rest = detection.part(~given)
        try:
            pose = pose_vector(board_pose(camera, detection.part(given), near).pose)
        except CalibrationError:
            return _HOPELESS
        pixels, _, _ = project_board(fit.family.model, fit.intrinsics, pose[:3], pose[3:], rest.points)
        squares.append(((rest.pixels - pixels) ** 2).sum(axis=1))
    return float(min(_HOPELESS, np.sqrt(np.mean(np.concatenate(squares)))))
