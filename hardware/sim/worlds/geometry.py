"""Plane geometry of layouts: axis-aligned rectangles, their recursive partition, and rotated footprints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Point = tuple[float, float]
SIDES = ("south", "east", "north", "west")


@dataclass(frozen=True)
class Rect:
    """Axis-aligned rectangle, metres."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def center(self) -> Point:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def corners(self) -> Array:
        """Counter-clockwise, shape (4, 2)."""
        return np.array([(self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1)])

    def inset(self, margin: float) -> Rect:
        return Rect(self.x0 + margin, self.y0 + margin, self.x1 - margin, self.y1 - margin)

    def side(self, name: str) -> tuple[Point, Point]:
        """End points of a side, counter-clockwise around the rectangle."""
        c = [(float(x), float(y)) for x, y in self.corners]
        i = SIDES.index(name)
        return c[i], c[(i + 1) % 4]

    def split(self, along_x: bool, at: float, gap: float = 0.0) -> tuple[Rect, Rect, Rect]:
        """Lower part, strip of width `gap` centred on the coordinate `at`, upper part."""
        a, b = at - gap / 2, at + gap / 2
        if along_x:
            return (
                Rect(self.x0, self.y0, a, self.y1),
                Rect(a, self.y0, b, self.y1),
                Rect(b, self.y0, self.x1, self.y1),
            )
        return (
            Rect(self.x0, self.y0, self.x1, a),
            Rect(self.x0, a, self.x1, b),
            Rect(self.x0, b, self.x1, self.y1),
        )


def partition(
    rng: np.random.Generator, rect: Rect, largest: float, smallest: float, gap: tuple[float, float]
) -> tuple[list[Rect], list[Rect]]:
    """Cut a rectangle recursively until no side is longer than `largest`.

    Cuts leave strips whose width is drawn from `gap`.  Returns (cells, strips); every strip ends at
    another strip or at the rectangle's border, so the strips are connected as long as there are any.
    """
    long_side = max(rect.width, rect.height)
    if long_side <= largest:
        return [rect], []
    width = float(rng.uniform(*gap))
    along_x = rect.width >= rect.height
    low = rect.x0 if along_x else rect.y0
    reach = max(long_side / 2 - smallest - width / 2, 0.0) * 0.75
    at = low + long_side / 2 + float(rng.uniform(-reach, reach))
    first, strip, second = rect.split(along_x, at, width)
    cells_a, strips_a = partition(rng, first, largest, smallest, gap)
    cells_b, strips_b = partition(rng, second, largest, smallest, gap)
    return cells_a + cells_b, [strip, *strips_a, *strips_b]


def open_sides(cell: Rect, outer: Rect) -> list[str]:
    """Sides of a cell that do not lie on the outer rectangle's border."""
    touches = {
        "south": cell.y0 - outer.y0 < 0.1,
        "east": outer.x1 - cell.x1 < 0.1,
        "north": outer.y1 - cell.y1 < 0.1,
        "west": cell.x0 - outer.x0 < 0.1,
    }
    return [side for side in SIDES if not touches[side]]


def footprint(x: float, y: float, length: float, width: float, yaw: float = 0.0) -> Array:
    """Corners of a rotated rectangle, counter-clockwise, shape (4, 2); yaw in radians."""
    local = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (length / 2, width / 2)
    c, s = np.cos(yaw), np.sin(yaw)
    return np.asarray(local @ np.array([[c, s], [-s, c]]) + (x, y))


def disc(x: float, y: float, radius: float, sides: int = 10) -> Array:
    """Regular polygon, counter-clockwise, shape (sides, 2)."""
    angle = np.arange(sides) * 2 * np.pi / sides
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], 1)
