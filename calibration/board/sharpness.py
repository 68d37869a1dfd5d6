"""How sharp an image is where a board was found."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_SAMPLE = 12  # points looked at
_REACH = 9  # pixels around a point


def edge_width(gray: NDArray[np.uint8], pixels: NDArray[np.float64]) -> float:
    """Median way from dark to bright [pixels] near points (n, 2): contrast over the steepest slope.

    About 2 where a lens and sensor are sharp; infinite where there is no contrast.
    """
    widths = []
    for x, y in pixels[:: max(1, len(pixels) // _SAMPLE)]:
        left, top = max(0, round(x) - _REACH), max(0, round(y) - _REACH)
        patch = gray[top : round(y) + _REACH + 1, left : round(x) + _REACH + 1].astype(np.float32)
        if min(patch.shape) < _REACH:
            continue
        dark, bright = np.percentile(patch, (5, 95))
        across, down = cv2.Sobel(patch, -1, 1, 0, scale=1 / 8), cv2.Sobel(patch, -1, 0, 1, scale=1 / 8)
        steepest = float(np.percentile(np.hypot(across, down), 98))
        if bright - dark > 8 and steepest > 0:
            widths.append(float(bright - dark) / steepest)
    return float(np.median(widths)) if widths else float("inf")
