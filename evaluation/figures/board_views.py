"""Images of a board with what was found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cairn.evaluation.figures.palette import INK, VISIT_COLOURS

_ACROSS = 4
_STRETCH = 40.0  # residuals are drawn longer than they are


@dataclass(frozen=True, eq=False)
class ShownView:
    """An image RGB, points found in it (n, 2) and their residuals (n, 2) [pixels], axes and a caption.

    Attributes:
        axes: ends of frames drawn into the image: each origin, x, y, z, shape (k, 4, 2) [pixels].
        faulty: whether it was left out.
    """

    image: NDArray[np.uint8]
    points: NDArray[np.float64]
    residuals: NDArray[np.float64]
    caption: str
    axes: NDArray[np.float64]
    faulty: bool = False


def board_views(views: Sequence[ShownView]) -> Figure:
    """Up to twelve views; residuals are drawn forty times as long as they are."""
    shown = views[:12]
    rows = -(-len(shown) // _ACROSS)
    aspect = shown[0].image.shape[0] / shown[0].image.shape[1]
    figure = Figure(figsize=(9.4, rows * (9.4 / _ACROSS * aspect + 0.25)), layout="constrained")
    for place, view in enumerate(shown):
        axes = figure.add_subplot(rows, _ACROSS, place + 1)
        axes.imshow(view.image)
        axes.plot(*view.points.T, ".", ms=2.0, color=VISIT_COLOURS[0])
        if len(view.residuals):
            ends = view.points + _STRETCH * view.residuals
            lines = np.stack([view.points, ends], axis=1)
            axes.add_collection(LineCollection(list(lines), colors=VISIT_COLOURS[1], linewidths=0.7))
        for origin, *ends in view.axes:
            for end, colour in zip(ends, ("#e01b24", "#2ec27e", "#3584e4"), strict=True):
                axes.plot([origin[0], end[0]], [origin[1], end[1]], color=colour, lw=1.6)
        height, width = view.image.shape[:2]
        axes.set(xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
        axes.set_title(view.caption, fontsize=7, color="#a3122a" if view.faulty else INK, pad=3)
        for spine in axes.spines.values():
            spine.set(color="#a3122a" if view.faulty else "#b9bfc7", linewidth=2 if view.faulty else 0.5)
    return figure
