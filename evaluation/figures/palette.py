"""Colours that every picture of a report shares."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

INK, QUIET, WALL, GROUND = "#1b1f24", "#68707a", "#b9bfc7", "#f4f5f2"
# Okabe and Ito's palette: distinct for colour-blind readers.
VISIT_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")


def quieten(axes: Axes) -> None:
    """Leave the data the loudest thing in the picture."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(WALL)
    axes.tick_params(colors=QUIET, labelsize=9, length=3)


def rgb(colour: str) -> NDArray[np.float64]:
    """`#rrggbb` as three numbers in [0, 1]."""
    return np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
