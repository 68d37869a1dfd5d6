"""How events look in every picture of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from cairn.evaluation.figures.palette import INK
from cairn.evaluation.recording.recording import EventKind

_GOOD, _BAD, _WARNING, _QUIET = "#00785a", "#a3122a", "#c25e00", "#8a929b"

_MARKS: dict[EventKind, tuple[str, str]] = {
    EventKind.START: (">", INK),
    EventKind.KEEP: ("o", _GOOD),
    EventKind.DISCARD: ("o", _QUIET),
    EventKind.SUCCESS: ("*", _GOOD),
    EventKind.FAILURE: ("X", _BAD),
    EventKind.INTERVENTION: ("D", _WARNING),
    EventKind.MARK: ("^", "#0072b2"),
    EventKind.COLLISION: ("X", "#7a0012"),
    EventKind.GATE_STOP: ("s", _BAD),
}
_POINTS_PER_INCH = 72.0

MARK_STEP = 11.0
"""Between marks of one place [points]."""

_LARGER = {EventKind.SUCCESS: 1.6}


def event_colour(kind: EventKind) -> str:
    """Of its mark and of words about it."""
    return _MARKS[kind][1]


def event_style(kind: EventKind, size: float = 8.0) -> dict[str, Any]:
    """Arguments for `Axes.plot` that draw its mark."""
    marker, colour = _MARKS[kind]
    return {
        "marker": marker,
        "color": colour,
        "markeredgecolor": "white",
        "markeredgewidth": 0.8,
        "markersize": size * _LARGER.get(kind, 1.0),
        "linestyle": "",
    }


def event_handle(kind: EventKind) -> Line2D:
    """For a legend."""
    return Line2D([], [], label=kind.value, **event_style(kind))


def draw_marks(axes: Axes, x: float, y: float, kinds: Sequence[EventKind], size: float) -> None:
    """Marks of what happened at one place, side by side."""
    for step, kind in enumerate(kinds):
        aside = ScaledTranslation(MARK_STEP * step / _POINTS_PER_INCH, 0.0, axes.figure.dpi_scale_trans)
        # Outside the axes' own limits: a mark is shifted on the screen, not in the data.
        axes.plot(x, y, transform=axes.transData + aside, zorder=6, clip_on=False, **event_style(kind, size))
