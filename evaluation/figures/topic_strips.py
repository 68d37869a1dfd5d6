"""When each topic spoke, and when it should have."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from cairn.evaluation.figures.event_marks import draw_marks
from cairn.evaluation.figures.palette import GROUND, INK, QUIET, WALL, quieten
from cairn.evaluation.figures.path_figure import VERDICT_COLOURS
from cairn.evaluation.recording.recording import EventKind, Recording, TopicTrack
from cairn.evaluation.recording.regularity import regularity

_RED = "#c8102e"
_RATE = LinearSegmentedColormap.from_list("rate", [GROUND, "#5b9bc8"])
_BINS = 300
_FEWEST_A_BIN = 8
_MOST_TICKS = 2000
_ONE_MOMENT = 0.01  # of the duration
_ROW = 0.27  # [in]
_LONGEST_NAME = 40


def topic_strips(recording: Recording) -> Figure:
    """Speed, episodes and the gate on top; a strip a topic below, darker the nearer to its usual rate.

    Silences of a topic that has a rhythm are red, and so are ticks where numbered messages are missing.
    """
    spoken = [track for track in recording.topics if len(track.times)]
    silent = len(recording.topics) - len(spoken)
    bands = bool(recording.episodes) + bool(recording.gate)
    rows = len(spoken) + bands
    speed = 1.1 if recording.path is not None else 0.0
    figure = Figure(figsize=(11.0, rows * _ROW + speed + 1.0), layout="constrained")
    ratios = ([speed / _ROW] if speed else []) + [rows]
    plots = figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios, squeeze=False)[:, 0]
    strips = plots[-1]
    if speed:
        _draw_speed(plots[0], recording)
    row = 0
    labels = []
    if recording.episodes:
        _draw_episodes(strips, recording, row)
        labels.append("episodes")
        row += 1
    if recording.gate:
        _draw_gate(strips, recording, row)
        labels.append("gate")
        row += 1
    for track in spoken:
        _draw_track(strips, track, row, recording.seconds)
        name = track.name
        labels.append(name if len(name) <= _LONGEST_NAME else "…" + name[1 - _LONGEST_NAME :])
        row += 1
    strips.set(ylim=(rows - 0.4, -0.6), xlim=(0.0, max(recording.seconds, 1e-3)))
    strips.set_yticks(range(len(labels)), labels)
    words = "time since the start [s]"
    strips.set_xlabel(words + (f"   (left out: {silent} without messages)" if silent else ""))
    quieten(strips)
    strips.tick_params(axis="y", length=0, labelsize=8.5, labelcolor=INK)
    strips.spines["left"].set_visible(False)
    return figure


def _draw_track(axes: Axes, track: TopicTrack, row: int, seconds: float) -> None:
    rhythm = regularity(track.times, seconds)
    count = len(track.times)
    words = f"{count:,}"
    if rhythm is None:
        shown = track.times[:: max(1, count // _MOST_TICKS)]
        axes.vlines(shown, row - 0.3, row + 0.3, color="#5b9bc8", linewidth=0.9)
    else:
        width = max(seconds / _BINS, _FEWEST_A_BIN / rhythm.rate)
        edges = np.linspace(0.0, seconds, max(1, int(seconds / width)) + 1)
        counts, _ = np.histogram(track.times, edges)
        share = np.clip(counts / rhythm.rate / (edges[1] - edges[0]), 0.0, 1.0)
        extent = (0.0, seconds, row + 0.36, row - 0.36)
        axes.imshow(
            share[None],
            cmap=_RATE,
            vmin=0.0,
            vmax=1.0,
            extent=extent,
            aspect="auto",
            interpolation="nearest",
        )
        for first, last in rhythm.gaps:
            axes.fill_between([first, last], row - 0.36, row + 0.36, color=_RED, linewidth=0.6, zorder=3)
        words = f"{rhythm.rate:.1f} Hz · {words}"
    if track.losses:
        moments = [moment for moment, _ in track.losses]
        axes.vlines(moments, row - 0.45, row + 0.45, color=_RED, linewidth=1.2, zorder=4)
    beside = blended_transform_factory(axes.transAxes, axes.transData)
    common: dict[str, Any] = {"transform": beside, "va": "center", "fontsize": 8.5, "clip_on": False}
    axes.text(1.008, row, words, color=QUIET, **common)
    trouble = _trouble(track, rhythm.gaps if rhythm else ())
    if trouble:
        axes.text(1.135, row, trouble, color=_RED, **common)


def _trouble(track: TopicTrack, gaps: tuple[tuple[float, float], ...]) -> str:
    words = [f"{track.lost} lost"] if track.lost else []
    if gaps:
        longest = max(last - first for first, last in gaps)
        words.append(f"{len(gaps)} gap{'s' if len(gaps) > 1 else ''}, {longest:.1f} s")
    return " · ".join(words)


def _draw_episodes(axes: Axes, recording: Recording, row: int) -> None:
    for episode in recording.episodes:
        first, last = recording.since_start(episode.start), recording.since_start(episode.end)
        colour = VERDICT_COLOURS[episode.verdict]
        axes.fill_between([first, last], row - 0.36, row + 0.36, color=colour, alpha=0.85, linewidth=0)
        if last - first > 0.04 * recording.seconds:
            axes.text(
                (first + last) / 2, row, episode.name, color="white", fontsize=8, ha="center", va="center"
            )


def _draw_gate(axes: Axes, recording: Recording, row: int) -> None:
    for span in recording.gate:
        colour = "#cfe5dc" if span.driving else _RED
        axes.fill_between([span.start, span.end], row - 0.36, row + 0.36, color=colour, linewidth=0)


def _draw_speed(axes: Axes, recording: Recording) -> None:
    path = recording.path
    assert path is not None
    axes.plot(path.times, path.speeds, color=INK, linewidth=1.0)
    top = max(float(path.speeds.max()), 0.1) * 1.45
    for moment, kinds in _together(recording):
        axes.axvline(moment, color=WALL, linewidth=0.7, zorder=0)
        draw_marks(axes, moment, 0.88 * top, kinds, 7.0)
    axes.set(ylim=(0.0, top), ylabel="speed [m/s]")
    axes.tick_params(axis="x", labelbottom=False)
    quieten(axes)


def _together(recording: Recording) -> list[tuple[float, list[EventKind]]]:
    """Events by their moment, those that the picture can't tell apart as one."""
    groups: list[tuple[float, list[EventKind]]] = []
    for event in recording.events:
        if groups and event.time - groups[-1][0] < _ONE_MOMENT * recording.seconds:
            if event.kind not in groups[-1][1]:
                groups[-1][1].append(event.kind)
        else:
            groups.append((event.time, [event.kind]))
    return groups
