"""A board as it was found in an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_POINTS = 8
"""Fewer say too little about pose and lens to be used."""


@dataclass(frozen=True, eq=False)
class Detection:
    """Points of a board in one image.

    Attributes:
        ids: of the points, shape (n,).
        pixels: where they were found, shape (n, 2); pixel centres are whole numbers.
        points: where they are on the board [m], shape (n, 3).
        size: width and height of the image.
        blur: width of edges near the points [pixels]; 2 is sharp.
    """

    ids: NDArray[np.int64]
    pixels: NDArray[np.float64]
    points: NDArray[np.float64]
    size: tuple[int, int]
    blur: float

    def __post_init__(self) -> None:
        for values in (self.ids, self.pixels, self.points):
            values.setflags(write=False)

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, chosen: NDArray[np.bool_]) -> Detection:
        """Only the chosen points, mask of shape (n,)."""
        return Detection(self.ids[chosen], self.pixels[chosen], self.points[chosen], self.size, self.blur)
