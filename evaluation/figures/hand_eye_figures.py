"""What poses of an arm say of a hand-eye transform."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cairn.calibration.hand_eye.hand_eye_calibration import HandEyeCalibration
from cairn.evaluation.figures.palette import QUIET, VISIT_COLOURS, WALL, quieten


def station_figure(result: HandEyeCalibration, limit_way: float, limit_turn: float) -> Figure:
    """Error of each held-out pose [mm], [deg], and the limits [m], [deg]."""
    figure = Figure(figsize=(9.4, 3.4), layout="constrained")
    both = figure.subplots(1, 2)
    numbers = np.arange(1, len(result.stations) + 1)
    colours = [VISIT_COLOURS[1] if one.fault else VISIT_COLOURS[0] for one in result.stations]
    values = (
        ([1000 * one.way for one in result.stations], 1000 * limit_way, "millimetres"),
        ([one.turn for one in result.stations], limit_turn, "degrees"),
    )
    for axes, (heights, limit, unit) in zip(both, values, strict=True):
        axes.bar(numbers, heights, color=colours, width=0.7)
        axes.axhline(limit, color=QUIET, lw=1, ls="--")
        axes.text(len(numbers) + 0.5, limit, " limit", va="bottom", ha="right", fontsize=8, color=QUIET)
        axes.set(xlabel="pose", ylabel=f"error [{unit}]", ylim=(0, 1.15 * max(limit, *heights)))
        quieten(axes)
    return figure


def solver_figure(result: HandEyeCalibration) -> Figure:
    """The five closed forms around the refined transform and its 95 % interval."""
    figure = Figure(figsize=(9.4, 3.0), layout="constrained")
    names = [one.name for one in result.solvers]
    shifts = np.array([(one.eye[:3, 3] - result.eye[:3, 3]) * 1000 for one in result.solvers])
    halves = result.half_widths[3:] * 1000
    for place, (axes, axis) in enumerate(zip(figure.subplots(1, 3, sharey=True), "xyz", strict=True)):
        axes.axvspan(-halves[place], halves[place], color=WALL, alpha=0.35, lw=0)
        axes.axvline(0, color=QUIET, lw=1)
        axes.plot(shifts[:, place], np.arange(len(names)), "o", color=VISIT_COLOURS[1])
        reach = 1.25 * max(halves[place], np.abs(shifts[:, place]).max(), 0.2)
        axes.set(xlim=(-reach, reach), ylim=(len(names) - 0.5, -0.5), xlabel=f"{axis} [mm]")
        axes.set_yticks(range(len(names)), names)
        quieten(axes)
    return figure
