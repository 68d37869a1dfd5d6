"""A demonstration of an arm on one sheet: what its cameras saw, and what it was told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo
from cairn.evaluation.figures.palette import INK, QUIET, VISIT_COLOURS, WALL, quieten
from cairn.hardware.errors import CairnError

_COLUMNS = 8
_WIDTH = 11.0  # [in]
_HEADER, _TRACE, _FOOTER = 0.8, 1.5, 0.6  # [in]
_LEFT, _RIGHT, _GAP = 0.75, 0.15, 0.06  # [in]
_MOST_SIGNS = 100


def demonstration_sheet(info: BridgeInfo, steps: Sequence[BridgeStep]) -> Figure:
    """Eight moments by camera, and below them the actions: movement, turn, gripper.

    Raises CairnError when there is no step, or an image is damaged.
    """
    if not steps:
        raise CairnError(f"{info.source}, {info.name} has no step to draw")
    chosen = np.unique(np.linspace(0, len(steps) - 1, min(_COLUMNS, len(steps))).round().astype(int)).tolist()
    side = (_WIDTH - _LEFT - _RIGHT - _GAP * (_COLUMNS - 1)) / _COLUMNS
    heights = {camera: side * _aspect(steps[0], camera) for camera in info.cameras}
    height = _HEADER + sum(heights.values()) + _GAP * len(heights) + 3 * _TRACE + _FOOTER
    figure = Figure(figsize=(_WIDTH, height))
    left, top = _LEFT / _WIDTH, 1 - 0.14 / height
    words = info.language[0] if info.language else "no language"
    figure.text(left, top, _shortened(words), va="top", fontsize=12, color=INK, weight="bold")
    below = f"{len(steps)} steps · {_shortened(info.name)}"
    figure.text(left, top - 0.24 / height, below, va="top", fontsize=9.5, color=QUIET)
    top = height - _HEADER
    for camera in info.cameras:
        top -= heights[camera]
        for column, t in enumerate(chosen):
            left = _LEFT + column * (side + _GAP)
            axes = figure.add_axes((left / _WIDTH, top / height, side / _WIDTH, heights[camera] / height))
            _draw_image(axes, steps[t].pictures[camera].pixels())
            if camera == info.cameras[0]:
                axes.set_title(f"step {t}", fontsize=8.5, color=QUIET, pad=3)
            if not column:
                axes.set_ylabel(f"camera {camera}", fontsize=9, color=QUIET)
        top -= _GAP
    _draw_traces(figure, steps, chosen, top, height)
    return figure


def _draw_image(axes: Axes, image: NDArray[np.uint8]) -> None:
    axes.imshow(image, interpolation="bilinear", aspect="auto")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_color(WALL)


def _draw_traces(
    figure: Figure, steps: Sequence[BridgeStep], chosen: list[int], top: float, height: float
) -> None:
    actions = np.array([np.full(7, np.nan) if step.action is None else step.action for step in steps])
    states = np.array([step.state for step in steps])
    rows = (
        ("movement\n[mm]", 1e3 * actions[:, :3], ("x", "y", "z")),
        ("turn\n[°]", np.degrees(actions[:, 3:6]), ("roll", "pitch", "yaw")),
        ("gripper\n(1 open)", np.stack([states[:, 6], actions[:, 6]], 1), ("measured", "told")),
    )
    edges = np.arange(len(steps) + 1)
    for row, (label, values, names) in enumerate(rows):
        bottom = top - (row + 1) * _TRACE - 0.1
        box = (_LEFT / _WIDTH, bottom / height, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, (_TRACE - 0.2) / height)
        axes = figure.add_axes(box)
        axes.axhline(0.0, color=WALL, linewidth=0.8)
        for t in chosen:
            axes.axvline(t, color=WALL, linewidth=0.5, linestyle=":")
        for trace, name, colour in zip(values.T, names, VISIT_COLOURS, strict=False):
            # An action holds until the next step.
            style = "--" if name == "told" else "-"
            held = np.append(trace, trace[-1])
            axes.step(edges, held, where="post", color=colour, linewidth=1.5, linestyle=style, label=name)
        axes.set_xlim(0, len(steps))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel(label, fontsize=9, color=INK)
        axes.legend(
            ncols=3, fontsize=8.5, frameon=False, loc="upper right", labelcolor=INK, borderaxespad=0.1
        )
        axes.margins(y=0.3)
        quieten(axes)
        if row < len(rows) - 1:
            axes.tick_params(labelbottom=False)
    axes.set_xlabel("step", fontsize=9, color=INK)
    axes.set_ylim(-0.1, 1.45)


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_SIGNS else f"{text[: _MOST_SIGNS - 1]}…"


def _aspect(step: BridgeStep, camera: int) -> float:
    width, height = step.pictures[camera].size
    return min(height / width, 1.4)
