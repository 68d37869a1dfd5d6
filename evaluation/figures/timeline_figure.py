"""What the searcher was doing, second by second."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from cairn.evaluation.figures.palette import INK, quieten
from cairn.evaluation.run_record import VisitRecord
from cairn.navigation.decision import Phase

PHASE_COLOURS = {
    Phase.IDLE: "#d9dde2",
    Phase.SEEKING: "#009e73",
    Phase.TRAVELLING: "#56b4e9",
    Phase.EXPLORING: "#0072b2",
    Phase.SCANNING: "#f0e442",
    Phase.VERIFYING: "#e69f00",
    Phase.RECOVERING: "#d55e00",
    Phase.REACHED: "#004d38",
    Phase.FAILED: "#7a0012",
}
_MATCH, _MATCH_INK = "#009e73", "#00785a"


def timeline_figure(visit: VisitRecord) -> Figure:
    """Phases as a coloured band, predicted steps to the goal and match probability below."""
    trace = visit.trace
    time = trace.stamp - trace.stamp[0]
    edges = np.append(time, time[-1] + _period(time))
    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    band, curve = figure.subplots(2, 1, sharex=True, height_ratios=(1, 5))
    changes = np.flatnonzero(np.diff(trace.phase)) + 1
    for first, last in zip(np.append(0, changes), np.append(changes, len(time)), strict=True):
        colour = PHASE_COLOURS[Phase(int(trace.phase[first]))]
        band.axvspan(edges[first], edges[last], color=colour, linewidth=0)
    band.set(yticks=[], xlim=(0.0, edges[-1]))
    band.tick_params(bottom=False)
    band.spines[:].set_visible(False)
    curve.plot(time, trace.predicted_steps, color=INK, linewidth=1.2)
    curve.set(xlabel="time since the start [s]", ylabel="predicted steps\nto the goal", ylim=(0, None))
    if np.isnan(trace.predicted_steps).all():
        curve.set(yticks=[])
        curve.text(0.5, 0.5, "this method predicts no distance", transform=curve.transAxes, ha="center")
    quieten(curve)
    match = curve.twinx()
    match.fill_between(time, trace.match, color=_MATCH, alpha=0.25, linewidth=0, step="mid")
    match.set(ylim=(0, 1.02))
    match.set_ylabel("match probability", color=_MATCH_INK)
    match.spines[:].set_visible(False)
    match.tick_params(colors=_MATCH_INK, labelsize=9, length=0)
    present = [Phase(int(value)) for value in np.unique(trace.phase)]
    handles = [Patch(color=PHASE_COLOURS[phase], label=phase.name.lower()) for phase in present]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False, fontsize=9)
    return figure


def _period(time: NDArray[np.float64]) -> float:
    return float(np.median(np.diff(time))) if len(time) > 1 else 1.0
