"""A map drawn for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_EDGE_STYLES = {
    EdgeKind.PREDICTED: ("#b9bec6", 0.6, "predicted"),
    EdgeKind.LOOP_CLOSURE: ("#d1495b", 1.0, "loop closure"),
    EdgeKind.TRAVERSED: ("#30638e", 1.3, "traversed"),
}
_FAILED = ("#f18f01", 1.8, "failed before")


def draw_map(graph: GraphMemory, path: Path, thumbnails: int = 8) -> None:
    """Nodes coloured by visits with their headings, edges by kind, and some thumbnails around.

    The ending of `path` chooses the format (png, svg, pdf).  Raises OSError when it can't be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 8.5), layout="constrained")
    FigureCanvasAgg(figure)
    shown = _spread(graph, thumbnails)
    axes = figure.add_subplot()
    if shown:
        columns = (len(shown) + 1) // 2
        grid = figure.add_gridspec(4, max(columns, 1), height_ratios=(1, 2.6, 2.6, 1))
        axes.remove()
        axes = figure.add_subplot(grid[1:3, :])
        for i, node in enumerate(shown):
            row, column = (0, i) if i < columns else (3, i - columns)
            _draw_thumbnail(figure.add_subplot(grid[row, column]), graph, node)
    _draw_edges(axes, graph)
    _draw_nodes(axes, graph, shown)
    metres = _driven_metres(graph)
    axes.set_title(
        f"{len(graph)} nodes, {len(graph.edges)} edges, {metres:.0f} m of ways driven", fontsize=11
    )
    axes.set_xlabel("x in map [m]")
    axes.set_ylabel("y in map [m]")
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(alpha=0.25, linewidth=0.5)
    figure.savefig(path, dpi=130)


def _draw_edges(axes: Axes, graph: GraphMemory) -> None:
    from matplotlib.collections import LineCollection

    edges = graph.edges
    ends = np.stack(
        (graph.poses[edges.column("source"), :2], graph.poses[edges.column("target"), :2]), axis=1
    )
    failed = edges.column("failures") > 0
    for kind, (colour, width, label) in _EDGE_STYLES.items():
        chosen = (edges.column("kind") == kind) & ~failed
        if chosen.any():
            lines = LineCollection(
                list(ends[chosen]), colors=colour, linewidths=width, label=label, zorder=kind + 1
            )
            axes.add_collection(lines)
    if failed.any():
        colour, width, label = _FAILED
        lines = LineCollection(list(ends[failed]), colors=colour, linewidths=width, label=label, zorder=5)
        axes.add_collection(lines)


def _draw_nodes(axes: Axes, graph: GraphMemory, shown: list[int]) -> None:
    if len(graph) == 0:
        axes.text(0.5, 0.5, "an empty map", transform=axes.transAxes, ha="center")
        return
    from matplotlib.ticker import MaxNLocator

    x, y, yaw = graph.poses.T
    points = axes.scatter(
        x, y, c=graph.visits, s=16, cmap="viridis", vmin=1, vmax=max(2, int(graph.visits.max())), zorder=6
    )
    axes.figure.colorbar(
        points, ax=axes, label="visits", shrink=0.7, pad=0.01, ticks=MaxNLocator(integer=True)
    )
    length = 0.015 * max(float(np.ptp(x)), float(np.ptp(y)), 10.0)
    axes.quiver(
        x, y, length * np.cos(yaw), length * np.sin(yaw), angles="xy", scale_units="xy", scale=1,
        width=0.0015, headwidth=3, color="#444444", zorder=5,
    )  # fmt: skip
    axes.plot(
        x[0], y[0], marker="*", markersize=13, color="#003d5b", linestyle="none", label="first node", zorder=7
    )
    for node in shown:
        row = graph.row(node)
        axes.annotate(
            str(node), (x[row], y[row]), textcoords="offset points", xytext=(5, 5), fontsize=8, weight="bold",
            bbox={"boxstyle": "round,pad=.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
            zorder=8,
        )  # fmt: skip
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.08), ncols=5, frameon=False, fontsize=9)


def _draw_thumbnail(axes: Axes, graph: GraphMemory, node: int) -> None:
    axes.imshow(_decoded(graph.thumbnail(node)))
    axes.set_title(f"node {node}", fontsize=8, pad=2)
    axes.set_axis_off()


def _decoded(jpeg: bytes) -> NDArray[np.uint8]:
    """RGB; a grey field for bytes that are no picture."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return np.full((3, 4, 3), 200, np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _spread(graph: GraphMemory, count: int) -> list[int]:
    """Up to `count` nodes with thumbnails, each as far as possible from those chosen before; ids ascend."""
    with_picture = np.array(
        [i for i, node in enumerate(graph.ids.tolist()) if graph.thumbnail(node)], np.intp
    )
    if len(with_picture) == 0 or count < 1:
        return []
    position = graph.poses[with_picture, :2]
    chosen, distance = [0], np.full(len(position), np.inf)
    while len(chosen) < min(count, len(position)):
        distance = np.minimum(distance, ((position - position[chosen[-1]]) ** 2).sum(axis=1))
        distance[chosen] = -1.0
        chosen.append(int(np.argmax(distance)))
    return sorted(graph.ids[with_picture[chosen]].tolist())


def _driven_metres(graph: GraphMemory) -> float:
    edges = graph.edges
    driven = edges.column("kind") == EdgeKind.TRAVERSED
    ends = graph.poses[:, :2]
    delta = ends[edges.column("source")[driven]] - ends[edges.column("target")[driven]]
    return float(np.hypot(delta[:, 0], delta[:, 1]).sum())
