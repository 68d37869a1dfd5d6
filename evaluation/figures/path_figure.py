"""Where the robot drove, and what happened there."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cairn.episodes.episode import Verdict
from cairn.evaluation.figures.event_marks import MARK_STEP, draw_marks, event_colour, event_handle
from cairn.evaluation.figures.palette import INK, QUIET, quieten
from cairn.evaluation.recording.recording import DrivenPath, Event, Recording

VERDICT_COLOURS = {Verdict.KEPT: "#00785a", Verdict.UNDECIDED: "#0072b2", Verdict.DISCARDED: "#a9a29a"}
_OUTSIDE = "#c9ced4"
_MOST_LISTED, _MOST_DRAWN = 24, 300
_LONGEST = 52  # characters of a line in the list
_LEAST_EXTENT = 2.0  # [m]


def path_figure(recording: Recording) -> Figure:
    """The path by odometry, coloured by what became of its episodes, with numbered events and their list.

    `recording.path` must not be None.
    """
    path = recording.path
    assert path is not None
    figure = Figure(figsize=(11.0, 6.2), layout="constrained")
    ratios = (2.0, 1.0) if recording.events else (1.0,)
    plots = figure.subplots(1, len(ratios), width_ratios=ratios, squeeze=False)[0]
    axes = plots[0]
    _draw_path(axes, recording, path)
    _draw_events(axes, path, recording.events[:_MOST_DRAWN])
    _keep_extent(axes, path)
    axes.set(xlabel="x [m]", ylabel="y [m]")
    axes.set_aspect("equal", adjustable="datalim")
    quieten(axes)
    axes.grid(color="#eceef0", linewidth=0.7)
    axes.set_axisbelow(True)
    if recording.events:
        _list_events(plots[1], recording.events)
    present = list(dict.fromkeys(event.kind for event in recording.events))
    handles = [*_path_handles(recording), *map(event_handle, present)]
    figure.legend(handles=handles, loc="outside lower left", ncols=7, frameon=False, fontsize=9)
    return figure


def _draw_path(axes: Axes, recording: Recording, path: DrivenPath) -> None:
    # A jump of the odometry is no way driven: the line is broken there.
    x, y = np.where(path.jumps, np.nan, path.x), np.where(path.jumps, np.nan, path.y)
    axes.plot(x, y, color=_OUTSIDE, linewidth=2.0, solid_capstyle="round", zorder=2)
    for episode in recording.episodes:
        first, last = recording.since_start(episode.start), recording.since_start(episode.end)
        inside = (path.times >= first) & (path.times <= last)
        colour = VERDICT_COLOURS[episode.verdict]
        axes.plot(
            np.where(inside, x, np.nan), np.where(inside, y, np.nan), color=colour, linewidth=2.4, zorder=3
        )
    axes.plot(path.x[0], path.y[0], "s", color=INK, markeredgecolor="white", markersize=10, zorder=5)
    axes.plot(path.x[-1], path.y[-1], "o", color=INK, markeredgecolor="white", markersize=10, zorder=5)


def _path_handles(recording: Recording) -> list[Line2D]:
    verdicts = list(dict.fromkeys(episode.verdict for episode in recording.episodes))
    lines = [
        Line2D([], [], color=VERDICT_COLOURS[verdict], linewidth=2.4, label=verdict.value)
        for verdict in verdicts
    ]
    first = min((episode.start for episode in recording.episodes), default=recording.end)
    if first > recording.start or len(verdicts) == 0:
        lines.append(Line2D([], [], color=_OUTSIDE, linewidth=2.0, label="outside episodes"))
    ends = (("s", "first pose"), ("o", "last pose"))
    return lines + [
        Line2D([], [], marker=marker, color=INK, linestyle="", markersize=7, label=label)
        for marker, label in ends
    ]


def _draw_events(axes: Axes, path: DrivenPath, events: tuple[Event, ...]) -> None:
    """Marks where the robot was; those of one place stand side by side and share a label."""
    span = max(np.ptp(path.x), np.ptp(path.y), _LEAST_EXTENT)
    places: list[tuple[float, float, list[int]]] = []
    for number, event in enumerate(events):
        x, y = path.at(event.time, path.x), path.at(event.time, path.y)
        near = next((place for place in places if np.hypot(place[0] - x, place[1] - y) < 0.04 * span), None)
        if near is None:
            places.append((x, y, [number]))
        else:
            near[2].append(number)
    outline: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
    for x, y, numbers in places:
        kinds = list(dict.fromkeys(events[number].kind for number in numbers))
        draw_marks(axes, x, y, kinds, 9.0)
        axes.annotate(
            _ranges([number + 1 for number in numbers]),
            (x, y),
            (7 + MARK_STEP * (len(kinds) - 1), 6),
            textcoords="offset points",
            fontsize=8.5,
            color=INK,
            zorder=7,
            bbox=outline,
        )


def _ranges(numbers: list[int]) -> str:
    """1, 2, 3, 7 as "1-3, 7"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)  # noqa: RUF001


def _list_events(axes: Axes, events: tuple[Event, ...]) -> None:
    axes.set(xlim=(0, 1), ylim=(_MOST_LISTED + 1.5, -0.5))
    axes.axis("off")
    for row, event in enumerate(events[:_MOST_LISTED]):
        words = f"{event.kind.value}: {event.detail}" if event.detail else event.kind.value
        if len(words) > _LONGEST:
            words = words[: _LONGEST - 1] + "…"
        common: dict[str, Any] = {"fontsize": 8.5, "va": "center", "clip_on": False}
        axes.text(0.05, row, str(row + 1), ha="right", color=QUIET, **common)
        axes.text(0.21, row, f"{event.time:.1f} s", ha="right", color=QUIET, **common)
        axes.text(0.24, row, words, color=event_colour(event.kind), **common)
    if len(events) > _MOST_LISTED:
        more = f"and {len(events) - _MOST_LISTED} more"
        axes.text(0.24, _MOST_LISTED, more, fontsize=8.5, color=QUIET, va="center")
    axes.axvline(-0.03, color="#e2e5e9", linewidth=0.8, clip_on=False)


def _keep_extent(axes: Axes, path: DrivenPath) -> None:
    """Show at least two metres, so that the noise of a robot that stands doesn't look like a drive."""
    half = _LEAST_EXTENT / 2
    x, y = (path.x.min() + path.x.max()) / 2, (path.y.min() + path.y.max()) / 2
    axes.update_datalim([(x - half, y - half), (x + half, y + half)])
    axes.autoscale_view()
