"""Figures as PNG."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cairn.hardware.errors import CairnError

_DOTS_PER_INCH = 130


def png(figure: Figure) -> bytes:
    """The picture's file."""
    content = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(content, format="png", dpi=_DOTS_PER_INCH)
    return content.getvalue()


def write_picture(path: Path, content: bytes) -> None:
    """Raises CairnError when it can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise CairnError(f"{path} can't be written: {error}") from error
