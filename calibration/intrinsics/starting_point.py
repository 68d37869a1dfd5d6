"""A first guess at focal length and poses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cairn.calibration.board.board_pose import board_pose
from cairn.calibration.board.detection import Detection
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.intrinsics.lens_family import LensFamily
from cairn.calibration.projection import LINEAR, Array, camera_of
from cairn.calibration.rigid import pose_vector

_SAMPLE = 8  # views that vote
# Focal lengths as a share of the image's width; equidistant ones of 35 to 200°, pinholes of 20 to 140°.
_SHARES = {"equidistant": np.geomspace(0.25, 1.7, 16), "pinhole": np.geomspace(0.18, 2.8, 20)}


def starting_point(family: LensFamily, detections: Sequence[Detection]) -> tuple[Array, Array]:
    """Intrinsics (4 + d,) without distortion and poses (v, 6): the focal length with which poses fit best.

    Raises CalibrationError when with none they fit.
    """
    width, height = detections[0].size
    chosen = sorted(detections, key=lambda one: -_extent(one))[:_SAMPLE]
    shares = _SHARES["equidistant" if family.model == "equidistant" else "pinhole"]
    best, found = np.inf, None
    for share in shares:
        lens = np.zeros(family.size)
        lens[:LINEAR] = share * width, share * width, (width - 1) / 2, (height - 1) / 2
        camera = camera_of(family.model, lens, (width, height))
        try:
            errors = [board_pose(camera, one).rms for one in chosen]
        except CalibrationError:
            continue
        if np.median(errors) < best:
            best, found = float(np.median(errors)), lens
    if found is None:
        raise CalibrationError(f"no focal length fits the views with the lens {family.label}")
    camera = camera_of(family.model, found, (width, height))
    return found, np.array([pose_vector(board_pose(camera, one).pose) for one in detections])


def _extent(detection: Detection) -> float:
    low, high = detection.pixels.min(axis=0), detection.pixels.max(axis=0)
    return float(np.prod(high - low))
