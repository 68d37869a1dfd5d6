"""How fast something moved, over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.calibration_error import CalibrationError

_LEAST = 20


@dataclass(frozen=True, eq=False)
class MotionSignal:
    """A speed of any unit at stamps [s] that grow.

    Attributes:
        name: of the stream.
        times: shape (n,).
        values: shape (n,).

    Raises CalibrationError for fewer than 20 samples, or ones that are not finite or out of order.
    """

    name: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.times) != len(self.values) or len(self.times) < _LEAST:
            raise CalibrationError(
                f"{self.name}: expected at least {_LEAST} samples of motion, got {len(self.times)}"
            )
        if not (np.isfinite(self.times).all() and np.isfinite(self.values).all()):
            raise CalibrationError(f"{self.name}: stamps and motion must be finite")
        if (np.diff(self.times) <= 0).any():
            raise CalibrationError(f"{self.name}: stamps must grow; sort them and leave out repeats")
