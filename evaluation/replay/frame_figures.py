"""What a policy said along a recording, and what disturbs it, as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cairn.evaluation.figures.palette import QUIET, VISIT_COLOURS, quieten
from cairn.evaluation.replay.frame_replay import FrameRow

_ACTION, _OTHER = VISIT_COLOURS[:2]


def frames_figure(rows: list[FrameRow]) -> Figure:
    """Actions beside the logged ones, and the predicted way to the goal, over time."""
    time = np.array([row.stamp for row in rows]) - rows[0].stamp
    figure = Figure(figsize=(10.0, 8.0), layout="constrained")
    panels = figure.subplots(4, 1, sharex=True)
    for axes, name, label in (
        (panels[0], "linear", "forward\n[m/s]"),
        (panels[1], "angular", "turn\n[rad/s]"),
    ):
        if any(row.logged_from for row in rows):
            source = next(row.logged_from for row in rows if row.logged_from)
            logged = _column(rows, f"logged_{name}")
            axes.step(time, logged, where="post", color=QUIET, linewidth=1, label=f"logged ({source})")
        axes.step(
            time,
            _column(rows, f"gate_{name}"),
            where="post",
            color=_OTHER,
            linewidth=1,
            label="after the gate",
            linestyle="--",
            zorder=3,
        )
        axes.step(
            time, _column(rows, f"action_{name}"), where="post", color=_ACTION, linewidth=1.4, label="policy"
        )
        axes.set_ylabel(label)
    panels[0].legend(frameon=False, fontsize=9, ncols=3, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    panels[2].plot(time, _column(rows, "predicted_distance"), color=_ACTION, linewidth=1.4)
    panels[2].set(ylabel="predicted distance\nto the goal [m]", ylim=(0, None))
    panels[3].fill_between(time, _column(rows, "match_probability"), color="#009e73", alpha=0.35, step="mid")
    panels[3].set(ylabel="match\nprobability", ylim=(0, 1.02), xlabel="recorded time [s]")
    for axes in panels:
        quieten(axes)
    return figure


def perturbation_figure(result: dict[str, Any]) -> Figure:
    """Median and 95th percentile of each change: turn, speed, predicted distance."""
    names = list(result["perturbations"])
    figure = Figure(figsize=(11.0, 1.2 + 0.42 * len(names)), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    place = np.arange(len(names))[::-1]
    for axes, name, label in zip(
        panels,
        ("linear", "angular", "distance"),
        ("forward [m/s]", "turn [rad/s]", "predicted distance [m]"),
        strict=True,
    ):
        changes = [result["perturbations"][perturbation][name] for perturbation in names]
        axes.barh(
            place, [change["p95"] for change in changes], color=_ACTION, alpha=0.3, label="95th percentile"
        )
        axes.barh(place, [change["median"] for change in changes], height=0.45, color=_ACTION, label="median")
        axes.set(xlabel=f"change of {label}", yticks=place, yticklabels=names)
        quieten(axes)
    panels[-1].legend(frameon=False, fontsize=9, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    return figure


def _column(rows: list[FrameRow], name: str) -> NDArray[np.float64]:
    values = (getattr(row, name) for row in rows)
    return np.array([np.nan if value is None else value for value in values], float)
