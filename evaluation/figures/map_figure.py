"""Where the robot went and what it remembers, over the true world."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from cairn.evaluation.figures.palette import GROUND, INK, QUIET, VISIT_COLOURS, WALL, quieten, rgb
from cairn.evaluation.run_record import GraphPicture, RunRecord, VisitRecord
from cairn.evaluation.task import SUCCESS_RADIUS
from cairn.navigation.pose import Pose

_HIT, _GOLD = "#7a0012", "#ffd000"
_HEADING_LENGTH = 3.0  # [m]


def map_figure(record: RunRecord) -> Figure:
    """The graph and every visit's true path over the true world."""
    xmin, xmax, ymin, ymax = record.map.extent
    height = min(9.0 * (ymax - ymin) / (xmax - xmin), 10.0) + 0.9
    figure = Figure(figsize=(9.0, height), layout="constrained")
    axes = figure.add_subplot()
    ground = np.where(record.map.occupied[..., None], rgb(WALL), rgb(GROUND))
    axes.imshow(ground, origin="lower", extent=record.map.extent, interpolation="nearest")
    legend = [] if record.graph is None else [_draw_graph(axes, record.graph)]
    legend += [
        _draw_visit(axes, visit, colour)
        for visit, colour in zip(record.visits, cycle(VISIT_COLOURS), strict=False)
    ]
    if any(visit.trace.collided.any() for visit in record.visits):
        legend.append(_marker("contact or stuck", marker="x", color=_HIT))
    legend += _draw_ends(axes, record)
    axes.set(xlim=(xmin, xmax), ylim=(ymin, ymax), aspect="equal", xlabel="x [m]", ylabel="y [m]")
    figure.legend(handles=legend, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    quieten(axes)
    return figure


def _draw_visit(axes: Axes, visit: VisitRecord, colour: str) -> Line2D:
    x, y = visit.trace.truth[:, 0], visit.trace.truth[:, 1]
    axes.plot(x, y, color="white", linewidth=3.6, alpha=0.8, zorder=4)
    axes.plot(x, y, color=colour, linewidth=2.0, zorder=5)
    axes.plot(x[-1], y[-1], "o", color=colour, markeredgecolor="white", markersize=8, zorder=9)
    struck = visit.trace.collided
    axes.plot(x[struck], y[struck], "x", color=_HIT, markersize=6, markeredgewidth=1.6, zorder=6)
    label = f"{visit.name} ({visit.trace.distance:.0f} m)"
    return Line2D([], [], color=colour, linewidth=2, label=label)


def _draw_graph(axes: Axes, graph: GraphPicture) -> Line2D:
    if len(graph.edges):
        links = graph.places[graph.edges]
        axes.add_collection(LineCollection(list(links), colors=QUIET, linewidths=0.7, alpha=0.55, zorder=2))
    sizes = 8 + 10 * np.sqrt(np.maximum(graph.visits, 0))
    x, y = graph.places.T
    axes.scatter(x, y, s=sizes, color=QUIET, edgecolor="white", linewidth=0.5, zorder=3)
    label = f"graph: {len(graph.places)} nodes, {len(graph.edges)} edges"
    return Line2D([], [], marker="o", color=QUIET, markeredgecolor="white", linewidth=0.7, label=label)


def _draw_ends(axes: Axes, record: RunRecord) -> list[Line2D]:
    start, goal = record.start, record.goal
    _draw_heading(axes, start, INK)
    _draw_heading(axes, goal, "#c9a400")
    axes.plot(start.x, start.y, "s", color=INK, markeredgecolor="white", markersize=9, zorder=8)
    axes.plot(goal.x, goal.y, "*", color=_GOLD, markeredgecolor=INK, markersize=17, zorder=8)
    reach = Circle((goal.x, goal.y), SUCCESS_RADIUS, fill=False, color="#c9a400", linestyle="--", zorder=6)
    axes.add_patch(reach)
    return [
        _marker("start", marker="s", color=INK),
        _marker("goal and its heading", marker="*", color=_GOLD, markeredgecolor=INK, markersize=13),
    ]


def _marker(label: str, **style: Any) -> Line2D:
    return Line2D([], [], linestyle="", label=label, **style)


def _draw_heading(axes: Axes, pose: Pose, colour: str) -> None:
    tip = (pose.x + _HEADING_LENGTH * np.cos(pose.yaw), pose.y + _HEADING_LENGTH * np.sin(pose.yaw))
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.8}
    axes.annotate("", tip, (pose.x, pose.y), arrowprops=arrow, zorder=7)
