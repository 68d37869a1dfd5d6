"""How long each stage took."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cairn.evaluation.figures.palette import INK, VISIT_COLOURS, quieten
from cairn.hardware.errors import CairnError


def latency_figure(latencies_ms: Mapping[str, NDArray[np.float64]]) -> Figure:
    """One histogram a stage on a shared axis, with median and 99th percentile.

    Raises CairnError for a stage without a measurement.
    """
    for name, values in latencies_ms.items():
        if not len(values):
            raise CairnError(f"the stage {name!r} has no latency to draw")
    figure = Figure(figsize=(9.0, 1.0 + 1.25 * len(latencies_ms)), layout="constrained")
    rows = figure.subplots(len(latencies_ms), 1, sharex=True, squeeze=False)[:, 0]
    top = max(float(np.percentile(values, 99.5)) for values in latencies_ms.values()) * 1.15
    bins = np.linspace(0.0, max(top, 1e-3), 61)
    for axes, (name, values), colour in zip(rows, latencies_ms.items(), cycle(VISIT_COLOURS), strict=False):
        axes.hist(np.minimum(values, bins[-1]), bins=bins, color=colour, alpha=0.85)
        median, slow = np.percentile(values, [50, 99])
        axes.axvline(median, color=INK, linewidth=1.2)
        axes.axvline(slow, color=INK, linewidth=1.2, linestyle=":")
        label = (
            f"{name}\np50 {median:.1f} · p99 {slow:.1f} · max {np.max(values):.1f} ms · {len(values)} samples"
        )
        axes.text(0.99, 0.92, label, transform=axes.transAxes, ha="right", va="top", fontsize=9, color=INK)
        axes.set(yticks=[], xlim=(0, bins[-1]))
        quieten(axes)
        axes.spines["left"].set_visible(False)
    rows[-1].set_xlabel("milliseconds (solid: median, dotted: 99th percentile; last bin: all beyond)")
    return figure
