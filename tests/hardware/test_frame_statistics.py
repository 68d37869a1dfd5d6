from __future__ import annotations

import numpy as np
import pytest

from cairn.hardware.camera import CameraFrame
from cairn.hardware.frame_statistics import FrameStatistics


def frame(sequence: int, stamp: float) -> CameraFrame:
    return CameraFrame(np.zeros((1, 1, 3), np.uint8), stamp, sequence, "camera_optical")


def test_counts_gaps_and_measures_the_rate() -> None:
    statistics = FrameStatistics()
    assert statistics.rate == 0.0
    gaps = [statistics.add(frame(sequence, sequence / 10)) for sequence in (7, 8, 11, 12)]
    assert gaps == [0, 0, 2, 0]
    assert (statistics.received, statistics.lost) == (4, 2)
    assert statistics.rate == pytest.approx(3 / 0.5)
