"""What the views show of the lens, and what is still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.detection import Detection

GRID = (8, 6)  # cells across and down
_FULL_X, _FULL_Y, _FULL_SIZE, _FULL_SKEW = 0.6, 0.55, 0.25, 0.3
_CELLS = 0.75
_LEAST_VIEWS = 20
_BLURRED = 4.0  # [pixels]
_PLACES = {(0, 0): "upper left", (1, 0): "upper right", (0, 1): "lower left", (1, 1): "lower right"}


@dataclass(frozen=True, eq=False)
class Coverage:
    """How a set of views spreads.

    Attributes:
        cells: points found in each cell of the image, shape (6, 8).
        x, y: range of the boards' centres, as a share of the image.
        size: range of the root of the share of the image that the board takes.
        skew: range of how far the board is turned away, 0 to 1, as camera_calibration measures it.
        views: their number.
        blur: median width of edges [pixels].
    """

    cells: NDArray[np.int64]
    x: float
    y: float
    size: float
    skew: float
    views: int
    blur: float

    @property
    def share(self) -> float:
        """Of the image's cells that hold points."""
        return float((self.cells > 0).mean())

    def missing(self) -> list[str]:
        """What to do next, most important first; empty when nothing is missing."""
        wants = []
        if self.views < _LEAST_VIEWS:
            wants.append(f"take {_LEAST_VIEWS - self.views} more views ({self.views} of {_LEAST_VIEWS})")
        for (right, low), place in _PLACES.items():
            corner = self.cells[low * 4 : low * 4 + 2, right * 6 : right * 6 + 2]
            if not (corner > 0).any():
                wants.append(f"hold the board into the {place} corner of the image")
        if self.share < _CELLS and not any("corner" in want for want in wants):
            wants.append(
                f"move the board over the whole image ({self.share:.0%} of it seen, {_CELLS:.0%} wanted)"
            )
        if self.x < _FULL_X or self.y < _FULL_Y:
            side = "left and right" if self.x < _FULL_X else "up and down"
            wants.append(f"move the board further {side}")
        if self.size < _FULL_SIZE:
            wants.append("bring the board closer, and take it further away")
        if self.skew < _FULL_SKEW:
            wants.append("tilt the board by 30 to 45°, about both its axes")
        if self.blur > _BLURRED:
            wants.append(
                f"hold it still or focus: edges are {self.blur:.1f} pixels wide, sharp ones are about 2"
            )
        return wants


def coverage(detections: Sequence[Detection]) -> Coverage:
    """Of views of one camera; all zero without views."""
    if not detections:
        return Coverage(np.zeros(GRID[::-1], np.int64), 0.0, 0.0, 0.0, 0.0, 0, 0.0)
    width, height = detections[0].size
    pixels = np.concatenate([one.pixels for one in detections])
    edges = (np.linspace(0, height, GRID[1] + 1), np.linspace(0, width, GRID[0] + 1))
    cells, _, _ = np.histogram2d(pixels[:, 1], pixels[:, 0], bins=edges)
    centres = np.array([one.pixels.mean(axis=0) for one in detections]) / (width, height)
    sizes = np.array([np.sqrt(_area(one) / (width * height)) for one in detections])
    skews = np.array([_skew(one) for one in detections])
    return Coverage(
        cells.astype(np.int64),
        float(np.ptp(centres[:, 0])),
        float(np.ptp(centres[:, 1])),
        float(np.ptp(sizes)),
        float(np.ptp(skews)),
        len(detections),
        float(np.median([one.blur for one in detections])),
    )


def _area(detection: Detection) -> float:
    return float(cv2.contourArea(cv2.convexHull(detection.pixels.astype(np.float32))))


def _skew(detection: Detection) -> float:
    """Away from a right angle between the board's axes at its middle, by the pose of an affine camera."""
    flat = detection.points[:, :2] - detection.points[:, :2].mean(axis=0)
    axes = np.linalg.lstsq(flat, detection.pixels - detection.pixels.mean(axis=0), rcond=None)[0]
    long, short = np.linalg.svd(axes, compute_uv=False)
    return float(1 - short / long)
