"""Many small pictures in a few large textures, so that a world is drawn in a handful of calls."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
PAGE = 1024
"""Side of a page in pixels."""
GUTTER = 2
"""Pixels repeated around a picture against bleeding at coarser mipmap levels."""


@dataclass(frozen=True)
class Region:
    """A picture's place: page number and texture coordinates (v grows downwards)."""

    page: int
    u0: float
    v0: float
    u1: float
    v1: float

    def mirrored(self) -> Region:
        """The same picture with left and right exchanged."""
        return Region(self.page, self.u1, self.v0, self.u0, self.v1)


class Atlas:
    """Packs pictures on shelves, page after page."""

    def __init__(self) -> None:
        self.pages: list[Image] = []
        self._x = self._y = self._shelf = PAGE

    def add(self, image: Image) -> Region:
        """Copy a picture of shape (h, w, 3) into the atlas; at most 1020 pixels a side."""
        h, w = image.shape[0] + 2 * GUTTER, image.shape[1] + 2 * GUTTER
        if max(h, w) > PAGE:
            raise ValueError(
                f"a picture in the atlas has at most {PAGE - 2 * GUTTER} pixels a side, got {w}x{h}"
            )
        if self._x + w > PAGE:
            self._x, self._y, self._shelf = 0, self._y + self._shelf, 0
        if self._y + h > PAGE:
            self.pages.append(np.full((PAGE, PAGE, 3), 128, np.uint8))
            self._x = self._y = self._shelf = 0
        x, y = self._x, self._y
        self._x, self._shelf = x + w, max(self._shelf, h)
        padded = cv2.copyMakeBorder(image, GUTTER, GUTTER, GUTTER, GUTTER, cv2.BORDER_REPLICATE)
        self.pages[-1][y : y + h, x : x + w] = padded
        u0, v0 = x + GUTTER + 0.5, y + GUTTER + 0.5
        u1, v1 = x + w - GUTTER - 0.5, y + h - GUTTER - 0.5
        return Region(len(self.pages) - 1, u0 / PAGE, v0 / PAGE, u1 / PAGE, v1 / PAGE)
