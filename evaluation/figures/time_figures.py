"""Two streams that show the same motion."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cairn.calibration.timing.motion_signal import MotionSignal
from cairn.calibration.timing.time_offset import TimeOffset
from cairn.evaluation.figures.palette import QUIET, VISIT_COLOURS, WALL, quieten

_SHOWN = 8.0  # [s]


def overlay_figure(reference: MotionSignal, late: MotionSignal, result: TimeOffset) -> Figure:
    """Both signals where most happens, before and after the offset is taken out."""
    figure = Figure(figsize=(9.4, 4.6), layout="constrained")
    steps = np.abs(np.diff(reference.values))
    busiest = reference.times[int(np.argmax(np.convolve(steps, np.ones(50), "same")))]
    start = max(reference.times[0], busiest - _SHOWN / 2)
    offset = result.offset_ms.value / 1000
    for axes, shift, title in zip(
        figure.subplots(2, 1, sharex=True), (0.0, offset), ("as stamped", "offset taken out"), strict=True
    ):
        axes.plot(
            reference.times - start, reference.values, color=VISIT_COLOURS[0], lw=1.4, label=reference.name
        )
        axes.plot(
            late.times - shift - start,
            late.values * result.scale,
            color=VISIT_COLOURS[1],
            lw=1.2,
            marker=".",
            ms=3,
            label=late.name,
        )
        axes.set_title(title, fontsize=9, loc="left", color=QUIET)
        axes.set(xlim=(0, _SHOWN), ylabel="motion")
        quieten(axes)
    figure.axes[0].legend(frameon=False, fontsize=8, loc="upper right")
    figure.axes[1].set_xlabel("time [s]")
    return figure


def correlation_figure(result: TimeOffset) -> Figure:
    """Correlation over lags, and the offset of each stretch over time."""
    figure = Figure(figsize=(9.4, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(1000 * result.lags, result.correlations, color=VISIT_COLOURS[0], lw=1.4)
    left.axvline(result.offset_ms.value, color=VISIT_COLOURS[1], lw=1)
    left.set(xlabel="lag [ms]", ylabel="correlation")
    value, half = result.offset_ms.value, result.offset_ms.half_width
    right.axhspan(value - half, value + half, color=WALL, alpha=0.4, lw=0)
    right.axhline(value, color=QUIET, lw=1)
    times = result.blocks[:, 0] - result.blocks[0, 0] if len(result.blocks) else np.zeros(0)
    right.plot(times, result.blocks[:, 1], ".", color=VISIT_COLOURS[0])
    right.set(xlabel="time [s]", ylabel="offset of two seconds [ms]")
    for axes in (left, right):
        quieten(axes)
    return figure
