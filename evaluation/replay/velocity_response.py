"""How a measured velocity answers to a commanded one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

RATE = 100.0
"""Samples a second of the signals that are compared [Hz]."""

_LONGEST_LAG = 1.0  # [s] looked for in both directions
_LEAST_MOTION = 0.02  # [m/s, rad/s] standard deviation below which there is nothing to align
_AS_GOOD = 0.01  # of correlation: lags nearer to zero win by this

Array = NDArray[np.float64]


@dataclass(frozen=True)
class VelocityResponse:
    """One axis.

    Attributes:
        lag: by how much the answer comes later [s]; negative: before the command.  None where the command
            hardly varies, or nothing answers.
        gain: size of the answer per unit of command, its sign left out; None likewise.
        correlation: of both at that lag, negative where the answer goes the other way.
    """

    lag: float | None
    gain: float | None
    correlation: float

    @property
    def is_known(self) -> bool:
        """Whether there was enough to compare."""
        return self.lag is not None

    @property
    def is_reversed(self) -> bool:
        """Whether the answer goes the other way."""
        return self.is_known and self.correlation < 0


UNKNOWN = VelocityResponse(None, None, 0.0)


def sampled(times: ArrayLike, values: ArrayLike, grid: Array, hold: bool = False) -> Array:
    """A signal at the times of `grid`, by straight lines, or with `hold` the last value.

    Before its first value a held signal is zero.
    """
    moments, given = np.asarray(times, float), np.asarray(values, float)
    if not hold:
        return np.asarray(np.interp(grid, moments, given), float)
    index = np.searchsorted(moments, grid + 1e-9, side="right") - 1
    held: Array = np.where(index >= 0, given[np.maximum(index, 0)], 0.0)
    return held


def velocity_response(command: Array, answer: Array) -> VelocityResponse:
    """By cross-correlation, both signals of shape (N,) sampled at `RATE`; lags are found to a fraction.

    A parabola through the peak and its neighbours gives the fraction (Jacovitti and Scarano 1993).
    """
    reach = min(round(_LONGEST_LAG * RATE), (len(command) - 1) // 2)
    if reach < 2 or min(command.std(), answer.std()) < _LEAST_MOTION:
        return UNKNOWN
    correlation = _correlations(command - command.mean(), answer - answer.mean(), reach)
    size = np.abs(correlation)
    good = np.flatnonzero(size >= size.max() - _AS_GOOD)
    nearest = int(good[np.argmin(np.abs(good - reach))])
    peak = _summit(size, nearest)
    lag = (peak - reach) / RATE
    shift = round(peak) - reach
    late = answer[max(shift, 0) : len(answer) + min(shift, 0)]
    early = command[max(-shift, 0) : len(command) + min(-shift, 0)]
    gain = abs(float(late @ early)) / float(early @ early)
    return VelocityResponse(lag, gain, float(correlation[nearest]))


def _correlations(a: Array, b: Array, reach: int) -> Array:
    """Normalised, for shifts of `b` from -reach to reach samples later than `a`, shape (2 reach + 1,)."""
    length = len(a)
    found = np.zeros(2 * reach + 1)
    for place, shift in enumerate(range(-reach, reach + 1)):
        x = a[max(-shift, 0) : length + min(-shift, 0)]
        y = b[max(shift, 0) : length + min(shift, 0)]
        found[place] = x @ y / max(float(np.linalg.norm(x) * np.linalg.norm(y)), 1e-12)
    return found


def _summit(size: Array, peak: int) -> float:
    """Uphill from a place near the peak, then to the vertex of the parabola there."""
    while 0 < peak < len(size) - 1 and max(size[peak - 1], size[peak + 1]) > size[peak]:
        peak += 1 if size[peak + 1] > size[peak - 1] else -1
    if not 0 < peak < len(size) - 1:
        return float(peak)
    before, at, after = size[peak - 1 : peak + 2]
    bend = before - 2 * at + after
    return peak + (0.5 * float(before - after) / float(bend) if bend < 0 else 0.0)
