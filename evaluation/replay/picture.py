"""Figures as PNG."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from cairn.evaluation.figures.png import png as figure_png
from cairn.hardware.errors import CairnError

_DOTS_PER_INCH = 130


def png(figure: Figure) -> bytes:
    """The picture's file."""
    return figure_png(figure, _DOTS_PER_INCH)


def write_picture(path: Path, content: bytes) -> None:
    """Raises CairnError when it can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise CairnError(f"{path} can't be written: {error}") from error
