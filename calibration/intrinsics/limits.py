"""What intrinsics must fulfil to be used."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from cairn.calibration.calibration_error import CalibrationError


@dataclass(frozen=True)
class IntrinsicLimits:
    """Limits; a calibration beyond one is not saved.

    Attributes:
        views: least number of good views.
        held_out: greatest error on held-out views [pixels].
        focal: greatest half width of the focal lengths' 95 % intervals, as a share of them.
        share: least share of the image's cells that hold points.
        faulty: greatest share of views that may be left out.
    """

    views: int = 10
    held_out: float = 1.0
    focal: float = 0.015
    share: float = 0.4
    faulty: float = 0.35

    def __post_init__(self) -> None:
        if self.views < 6:
            raise CalibrationError(f"expected at least 6 views as limit, got {self.views}")
        for name in ("held_out", "focal", "share", "faulty"):
            if not (isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise CalibrationError(f"expected a positive limit of {name}, got {getattr(self, name)}")
