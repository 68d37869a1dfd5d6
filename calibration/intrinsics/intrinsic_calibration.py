"""A camera's intrinsics with their errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cairn.calibration.interval import Interval
from cairn.calibration.intrinsics.coverage import Coverage
from cairn.calibration.intrinsics.view import View
from cairn.calibration.projection import Array
from cairn.hardware.camera_model import CameraModel


@dataclass(frozen=True)
class Candidate:
    """A lens that was tried: its label, and its error [pixels] on fitted and on held-out views."""

    label: str
    rms: float
    held_out: float


@dataclass(frozen=True, eq=False)
class JudgedView:
    """A view, the board's pose in it (4, 4), its residuals (n, 2) and error [pixels]; why it was left out."""

    view: View
    pose: Array
    residuals: Array
    rms: float
    fault: str = ""


@dataclass(frozen=True, eq=False)
class IntrinsicCalibration:
    """What came out.

    Attributes:
        camera: the intrinsics.
        label: of the lens.
        covariance: of fx, fy, cx, cy and the distortion, shape (4 + d, 4 + d).
        quantile: by which deviations become 95 % intervals.
        rms: error of the views used [pixels].
        held_out: error on views that the lens was not fitted to [pixels].
        candidates: every lens tried.
        views: all of them, faulty ones included.
        coverage: of the views used.
        problems: why this must not be used; empty for a good one.
    """

    camera: CameraModel
    label: str
    covariance: Array
    quantile: float
    rms: float
    held_out: float
    candidates: tuple[Candidate, ...]
    views: tuple[JudgedView, ...]
    coverage: Coverage
    problems: tuple[str, ...]

    @property
    def intervals(self) -> dict[str, Interval]:
        """fx, fy, cx, cy [pixels] and the distortion, each with its 95 % interval."""
        camera = self.camera
        names = ["fx", "fy", "cx", "cy", *coefficient_names(camera)]
        values = [camera.fx, camera.fy, camera.cx, camera.cy, *camera.distortion]
        halves = self.quantile * np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return {
            name: Interval(float(value), float(half))
            for name, value, half in zip(names, values, halves, strict=True)
        }

    @property
    def outliers(self) -> tuple[JudgedView, ...]:
        """Views that were left out."""
        return tuple(view for view in self.views if view.fault)


def coefficient_names(camera: CameraModel) -> tuple[str, ...]:
    """Of the distortion, in its order."""
    if camera.distortion_model == "equidistant":
        return ("k1", "k2", "k3", "k4")
    return ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")[: len(camera.distortion)]
