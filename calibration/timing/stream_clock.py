"""How regular a stream's stamps are, and how its clock runs against the recorder's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.interval import Interval

_BLOCKS = 8


@dataclass(frozen=True)
class StreamClock:
    """One stream.

    Attributes:
        rate: messages per second.
        jitter_ms: robust deviation of a stamp from the beat of its neighbours [ms].
        gaps: intervals of more than 1.5 periods.
        delay_ms: median of arrival minus stamp [ms].
        delay_jitter_ms: robust deviation of that [ms].
        drift: by how much the stamps' clock loses against the arrivals' [parts per million].
    """

    rate: float
    jitter_ms: float
    gaps: int
    delay_ms: float
    delay_jitter_ms: float
    drift: Interval


def stream_clock(stamps: NDArray[np.float64], arrivals: NDArray[np.float64]) -> StreamClock:
    """Of stamps and arrivals [s], shape (n,) each, in the order of arrival.

    Raises CalibrationError for fewer than 20 messages or stamps that do not grow at all.
    """
    if len(stamps) < 20:
        raise CalibrationError(f"expected at least 20 messages, got {len(stamps)}")
    steps = np.diff(stamps)
    period = float(np.median(steps))
    if not period > 0:
        raise CalibrationError(f"stamps must grow, their median step is {period} s")
    # Against whole beats: a lost message is no jitter.  A step has that of two stamps.
    left = (steps - np.round(steps / period) * period) / np.sqrt(2)
    delays = arrivals - stamps
    return StreamClock(
        rate=(len(stamps) - 1) / float(stamps[-1] - stamps[0]),
        jitter_ms=1000 * _deviation(left),
        gaps=int((steps > 1.5 * period).sum()),
        delay_ms=1000 * float(np.median(delays)),
        delay_jitter_ms=1000 * _deviation(delays - np.median(delays)),
        drift=_drift(stamps, delays),
    )


def _drift(stamps: NDArray[np.float64], delays: NDArray[np.float64]) -> Interval:
    """Slope through the shortest delays of each of eight blocks: queues delay, and never hasten."""
    blocks = np.array_split(np.arange(len(stamps)), _BLOCKS)
    lowest = [block[np.argsort(delays[block])[: max(1, len(block) // 5)]] for block in blocks]
    times = np.array([stamps[block].mean() for block in lowest])
    heights = np.array([delays[block].mean() for block in lowest])
    centred = times - times.mean()
    slope = float(centred @ heights / (centred @ centred))
    left = heights - heights.mean() - slope * centred
    error = np.sqrt(left @ left / (_BLOCKS - 2) / (centred @ centred))
    return Interval(1e6 * slope, 1e6 * float(student.ppf(0.975, _BLOCKS - 2) * error))


def _deviation(values: NDArray[np.float64]) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
