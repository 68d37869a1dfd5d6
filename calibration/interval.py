"""Numbers with what is known of their error."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from cairn.calibration.calibration_error import CalibrationError


@dataclass(frozen=True)
class Interval:
    """A value and half the width of the interval that holds the truth in 95 of 100 cases."""

    value: float
    half_width: float

    def __post_init__(self) -> None:
        if not (isfinite(self.value) and isfinite(self.half_width) and self.half_width >= 0):
            raise CalibrationError(f"an interval must be finite, got {self.value} ± {self.half_width}")

    def holds(self, truth: float) -> bool:
        """Whether `truth` is within the interval."""
        return bool(abs(truth - self.value) <= self.half_width)

    def __str__(self) -> str:
        return f"{self.value:.4g} ± {self.half_width:.2g}"
