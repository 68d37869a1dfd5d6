"""The lenses that are tried, simple ones first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.projection import LINEAR
from cairn.hardware.camera_model import DISTORTION_MODELS


@dataclass(frozen=True)
class LensFamily:
    """A distortion model of which some coefficients may be left at zero.

    Attributes:
        label: for people.
        model: ROS name of the distortion model.
        free: which coefficients of the distortion are fitted.
    """

    label: str
    model: str
    free: tuple[bool, ...]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Which of fx, fy, cx, cy and the distortion are fitted, shape (4 + d,)."""
        return np.array((True,) * LINEAR + self.free)

    @property
    def size(self) -> int:
        """Number of intrinsics: fx, fy, cx, cy and the distortion, fitted or not."""
        return LINEAR + DISTORTION_MODELS[self.model]


FAMILIES = (
    LensFamily("pinhole, plumb_bob without k3", "plumb_bob", (True, True, True, True, False)),
    LensFamily("fisheye, equidistant", "equidistant", (True,) * 4),
    LensFamily("pinhole, plumb_bob", "plumb_bob", (True,) * 5),
    LensFamily("pinhole, rational_polynomial", "rational_polynomial", (True,) * 8),
)
"""In the order of preference where they do equally well: fewer coefficients first."""


def families_of(name: str) -> tuple[LensFamily, ...]:
    """Those of one distortion model, or all for "auto".  Raises CalibrationError for an unknown name."""
    chosen = tuple(family for family in FAMILIES if name in ("auto", family.model))
    if not chosen:
        valid = ", ".join(["auto", *DISTORTION_MODELS])
        raise CalibrationError(f"lens {name!r} is unknown; valid: {valid}")
    return chosen
