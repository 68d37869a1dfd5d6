"""Figures as PNG files."""

from __future__ import annotations

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_DOTS_PER_INCH = 150


def png(figure: Figure, dots_per_inch: int = _DOTS_PER_INCH) -> bytes:
    """The content of a PNG file, sharp on screen and paper."""
    content = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(content, format="png", dpi=dots_per_inch)
    return content.getvalue()
