"""A dozen images of a drive on one sheet."""

from __future__ import annotations

from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cairn.evaluation.figures.event_marks import event_colour
from cairn.evaluation.figures.palette import INK, QUIET, WALL
from cairn.evaluation.recording.recording import Frame, Recording

_COLUMNS = 4
_WIDTH = 11.0  # [in]
_CAPTION, _EVENT_LINE = 0.28, 0.18  # [in] below an image
_GAP = 0.12  # [in] between images
_MARGIN = 0.03  # [in]
_MOST_WORDS = 38  # characters below an image


def contact_sheet(recording: Recording) -> Figure:
    """The frames in rows of four, with time, distance, speed and what happened since the last."""
    frames = recording.frames
    columns = min(_COLUMNS, len(frames))
    rows = ceil(len(frames) / columns)
    height, width = frames[0].image.shape[:2]
    caption = _CAPTION + _EVENT_LINE * any(frame.events for frame in frames)
    image_width = (_WIDTH - 2 * _MARGIN - _GAP * (_COLUMNS - 1)) / _COLUMNS
    image_height = min(image_width * height / width, 1.4 * image_width)
    sheet_width = columns * (image_width + _GAP) - _GAP + 2 * _MARGIN
    sheet_height = rows * (image_height + caption + _GAP) - _GAP + 2 * _MARGIN
    figure = Figure(figsize=(sheet_width, sheet_height))
    for place, frame in enumerate(frames):
        row, column = divmod(place, columns)
        left = _MARGIN + column * (image_width + _GAP)
        top = _MARGIN + row * (image_height + caption + _GAP)
        bottom = sheet_height - top - image_height
        box = (
            left / sheet_width,
            bottom / sheet_height,
            image_width / sheet_width,
            image_height / sheet_height,
        )
        _draw(figure.add_axes(box), frame)
    return figure


def _draw(axes: Axes, frame: Frame) -> None:
    axes.imshow(frame.image, interpolation="bilinear")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_color(WALL)
    figures = [f"{frame.time:.1f} s"]
    if frame.distance is not None:
        figures += [f"{frame.distance:.1f} m", f"{frame.speed:.2f} m/s"]
    below: dict[str, Any] = {
        "textcoords": "offset points",
        "xycoords": "axes fraction",
        "va": "top",
        "annotation_clip": False,
    }
    axes.annotate(figures[0], (0, 0), (0, -4), ha="left", fontsize=9.5, color=INK, weight="bold", **below)
    axes.annotate(" · ".join(figures[1:]), (1, 0), (0, -4), ha="right", fontsize=9.5, color=QUIET, **below)
    if frame.events:
        words = ", ".join(event.kind.value for event in frame.events)
        if len(words) > _MOST_WORDS:
            words = f"{words[: _MOST_WORDS - 1].rsplit(',', 1)[0]}, …"
        colour = event_colour(frame.events[0].kind) if len(frame.events) == 1 else INK
        axes.annotate(words, (0, 0), (0, -17), ha="left", fontsize=8.5, color=colour, **below)
