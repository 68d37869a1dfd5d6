"""By how much one stream's stamps are late against another's, from the motion that both show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.stats import t as student

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.interval import Interval
from cairn.calibration.timing.motion_signal import MotionSignal

_STEP = 0.002  # [s] of the common grid
_BLOCK = 2.0  # [s] of the stretches whose offsets are compared
_LEAST_BLOCKS = 5
_LEAST_SECONDS = 8.0
_LEAST_CORRELATION = 0.6


@dataclass(frozen=True, eq=False)
class TimeOffset:
    """What came out.

    Attributes:
        offset_ms: how much later `late` shows the same motion than `reference` [ms].
        correlation: of the two at that offset, 1 at best.
        lags: that were tried [s], shape (k,).
        correlations: at each of them, shape (k,).
        blocks: offset in each stretch [ms], and when that was [s], shape (b, 2).
        drift: change of the offset [ms/s].
        scale: what `late` is to be multiplied by to be `reference`.
        problems: why this must not be used; empty for a good one.
    """

    offset_ms: Interval
    correlation: float
    lags: NDArray[np.float64]
    correlations: NDArray[np.float64]
    blocks: NDArray[np.float64]
    drift: Interval
    scale: float
    problems: tuple[str, ...]


def time_offset(reference: MotionSignal, late: MotionSignal, most: float = 0.5) -> TimeOffset:
    """Cross-correlate two signals of the same motion.

    Both are smoothed alike and looked up on one fine grid; the offset is where they differ least.  Its
    interval comes from stretches of two seconds, each left out in turn (jackknife), so that whatever makes
    a stretch wrong is in it.

    Args:
        reference: whose clock counts.
        late: in any unit that is proportional.
        most: greatest offset looked for, either way [s].

    Raises CalibrationError when they overlap for less than 8 s or one does not move.
    """
    period = max(float(np.median(np.diff(one.times))) for one in (reference, late))
    start = max(reference.times[0], late.times[0]) + most
    end = min(reference.times[-1], late.times[-1]) - most
    if end - start < _LEAST_SECONDS:
        raise CalibrationError(
            f"{reference.name} and {late.name} overlap for {max(0.0, end - start):.1f} s less the greatest "
            f"offset; expected at least {_LEAST_SECONDS:g} s"
        )
    for one in (reference, late):
        if np.ptp(one.values) < 1e-6:
            raise CalibrationError(f"{one.name} shows no motion: turn the robot to and fro")
    grid = np.arange(start, end, _STEP)
    width = 0.75 * period / _STEP
    fixed = gaussian_filter1d(np.interp(grid, reference.times, reference.values), width)
    wide = np.arange(start - most, end + most, _STEP)
    moving = gaussian_filter1d(np.interp(wide, late.times, late.values), width)
    reach = round(most / _STEP)
    lags: NDArray[np.float64] = np.arange(-reach, reach + 1, dtype=np.float64) * _STEP
    blocks = np.array_split(np.arange(len(grid)), max(2, round((end - start) / _BLOCK)))
    sums = np.array([_sums(fixed[block], moving, block[0], len(lags)) for block in blocks])
    correlations = _correlations(sums.sum(axis=0))
    whole = _peak(lags, correlations)
    # Only stretches with motion in them say anything.
    moved = [index for index, block in enumerate(blocks) if fixed[block].std() > 0.1 * fixed.std()]
    without = np.array([_peak(lags, _correlations(sums.sum(axis=0) - sums[index])) for index in moved])
    count = len(moved)
    error = np.sqrt((count - 1) / count * np.sum((without - without.mean()) ** 2)) if count > 1 else np.inf
    apart = np.array(
        [
            (float(grid[blocks[index]].mean()), 1000 * _near(lags, _correlations(sums[index]), whole, period))
            for index in moved
        ]
    )
    correlation = float(correlations.max())
    best = int(np.argmax(correlations))
    problems = []
    if correlation < _LEAST_CORRELATION:
        problems.append(
            f"the two streams hardly show the same motion (correlation {correlation:.2f}, expected at least "
            f"{_LEAST_CORRELATION})"
        )
    if count < _LEAST_BLOCKS:
        problems.append(
            f"motion in {count} stretches of {_BLOCK:g} s, expected at least {_LEAST_BLOCKS}: turn "
            "to and fro for longer"
        )
    if best in (0, len(lags) - 1):
        problems.append(f"the offset lies beyond the {most:g} s that were looked at")
    quantile = float(student.ppf(0.975, max(1, count - 1)))
    # Stamps are no finer than what they are of: a hundredth of a period stays unknown.
    half = 1000 * float(np.hypot(quantile * min(error, most), 0.01 * period))
    shifted = moving[best : best + len(grid)]
    return TimeOffset(
        Interval(1000 * whole, half),
        correlation,
        lags,
        correlations,
        apart,
        _drift(apart),
        float(np.dot(fixed, shifted) / max(np.dot(shifted, shifted), 1e-12)),
        tuple(problems),
    )


def _sums(
    fixed: NDArray[np.float64], moving: NDArray[np.float64], first: int, lags: int
) -> NDArray[np.float64]:
    """What correlations are made of, for each lag: n, Σx, Σy, Σxx, Σyy, Σxy, shape (6, lags)."""
    part = moving[first : first + len(fixed) + lags - 1]
    one = np.concatenate([[0.0], np.cumsum(part)])
    two = np.concatenate([[0.0], np.cumsum(part**2)])
    n = len(fixed)
    return np.stack(
        [
            np.full(lags, float(n)),
            np.full(lags, fixed.sum()),
            one[n:] - one[:-n],
            np.full(lags, (fixed**2).sum()),
            two[n:] - two[:-n],
            np.correlate(part, fixed, "valid"),
        ]
    )


def _correlations(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    n, x, y, xx, yy, xy = sums
    spread = np.maximum((xx - x * x / n) * (yy - y * y / n), 1e-18)
    return np.asarray((xy - x * y / n) / np.sqrt(spread))


def _peak(lags: NDArray[np.float64], correlations: NDArray[np.float64]) -> float:
    """Where the correlation is greatest [s], by a parabola through the top."""
    top = int(np.clip(np.argmax(correlations), 4, len(lags) - 5))
    near = slice(top - 4, top + 5)
    a, b, _ = np.polyfit(lags[near] - lags[top], correlations[near], 2)
    return float(lags[top] - b / (2 * a)) if a < 0 else float(lags[top])


def _near(lags: NDArray[np.float64], correlations: NDArray[np.float64], whole: float, period: float) -> float:
    """The peak nearest to that of all stretches: alone, a stretch may look periodic."""
    close = np.abs(lags - whole) <= max(3 * period, 0.06)
    return _peak(lags[close], correlations[close]) if close.sum() > 10 else whole


def _drift(blocks: NDArray[np.float64]) -> Interval:
    if len(blocks) < 4:
        return Interval(0.0, 1e3)
    times, offsets = blocks.T
    centred = times - times.mean()
    slope = float(centred @ offsets / (centred @ centred))
    left = offsets - offsets.mean() - slope * centred
    error = float(np.sqrt(left @ left / (len(blocks) - 2) / (centred @ centred)))
    return Interval(slope, float(student.ppf(0.975, len(blocks) - 2)) * error)
