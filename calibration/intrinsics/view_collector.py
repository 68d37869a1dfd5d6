"""Keeps views that show something new."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.detection import Detection
from cairn.calibration.intrinsics.view import View

_NEW = 0.12  # distance to the nearest view kept
_BLURRED = 1.8  # times the sharpest usual edge
_SHARP = 3.0  # [pixels] never blurred
_MOST = 80


class ViewCollector:
    """Takes views one after the other, live or from a bag, and says why one is not kept.

    Args:
        keep_all: whether views that look like earlier ones are kept too, as of a folder somebody chose.
    """

    def __init__(self, *, keep_all: bool = False) -> None:
        self._keep_all = keep_all
        self._views: list[View] = []
        self._marks: list[NDArray[np.float64]] = []

    @property
    def views(self) -> tuple[View, ...]:
        """Those kept."""
        return tuple(self._views)

    def offer(self, name: str, detection: Detection) -> str:
        """Keep a view if it says something new; why not, or "" when it was kept."""
        if not self._keep_all:
            if len(self._views) >= _MOST:
                return f"{_MOST} views are enough"
            if self._views:
                usual = float(np.median([view.detection.blur for view in self._views]))
                if detection.blur > max(_BLURRED * usual, _SHARP):
                    return f"blurred: edges are {detection.blur:.1f} pixels wide"
            mark = _mark(detection)
            if self._marks and np.abs(np.array(self._marks) - mark).sum(axis=1).min() < _NEW:
                return "much like an earlier view"
            self._marks.append(mark)
        self._views.append(View(name, detection))
        return ""


def _mark(detection: Detection) -> NDArray[np.float64]:
    """Where the board is, how large and how turned: the affine map from board to image, in image widths."""
    flat = detection.points[:, :2] - detection.points[:, :2].mean(axis=0)
    scale = max(float(np.abs(flat).max()), 1e-9)
    centre = detection.pixels.mean(axis=0)
    axes = np.linalg.lstsq(flat / scale, detection.pixels - centre, rcond=None)[0]
    return np.concatenate([centre, axes.ravel()]) / detection.size[0]
