"""What a hand-eye calibration must fulfil to be used."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from cairn.calibration.calibration_error import CalibrationError


@dataclass(frozen=True)
class HandEyeLimits:
    """Limits; a calibration beyond one is not saved.

    Attributes:
        stations: least number of poses.
        spread: least spread of the hand's rotation about each of two axes [deg].
        way: greatest error on held-out poses [m].
        turn: greatest error on held-out poses [deg].
        faulty: greatest share of poses that may be left out.
    """

    stations: int = 15
    spread: float = 30.0
    way: float = 0.005
    turn: float = 0.5
    faulty: float = 0.25

    def __post_init__(self) -> None:
        if self.stations < 5:
            raise CalibrationError(f"expected at least 5 poses as limit, got {self.stations}")
        for name in ("spread", "way", "turn", "faulty"):
            if not (isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise CalibrationError(f"expected a positive limit of {name}, got {getattr(self, name)}")
