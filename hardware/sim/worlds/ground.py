"""The ground's picture: regions of different material, markings, stains, and baked shadows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.geometry import Array, Point, Rect
from cairn.hardware.sim.worlds.textures.surfaces import Picture, Rng, noise, random_colour, to_image

PIXELS_PER_METRE = 14
TILE = 224
"""Pixels of a material's repeated tile: 16 m."""
VARIANTS = 4
"""Different tiles of one material in a world; each use turns its tile."""
MARGIN = 12.0
"""Metres painted beyond the geofence."""


class Ground:
    """A canvas in world coordinates; later strokes cover earlier ones."""

    def __init__(self, rng: Rng, bounds: Rect, material: str) -> None:
        self.extent = bounds.inset(-MARGIN)
        self._rng = rng
        h, w = (round(s * PIXELS_PER_METRE) for s in (self.extent.height, self.extent.width))
        self._canvas = np.zeros((h, w, 3), np.float32)
        self._tiles: dict[tuple[str, int], Picture] = {}
        self.fill(self.extent.corners, material)

    def fill(self, polygon: Array, material: str) -> None:
        """Cover a polygon, shape (n, 2) in metres, with one of the world's variants of a material."""
        h, w = self._canvas.shape[:2]
        points = self._pixels(polygon)
        x0, y0 = np.clip(points.min(0), 0, (w - 1, h - 1))
        x1, y1 = np.clip(points.max(0) + 1, 1, (w, h))
        if x1 <= x0 or y1 <= y0:
            return
        tile = self._tile(material)
        tiled = np.tile(tile, ((y1 - y0) // TILE + 1, (x1 - x0) // TILE + 1, 1))[: y1 - y0, : x1 - x0]
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(mask, [(points - (x0, y0)).astype(np.int32)], 1)
        np.copyto(self._canvas[y0:y1, x0:x1], tiled, where=mask[..., None].astype(bool))

    def rect(self, rect: Rect, material: str) -> None:
        self.fill(rect.corners, material)

    def line(self, start: Point, end: Point, width: float, colour: tuple[float, float, float]) -> None:
        """A painted line; width in metres, colour 0..255."""
        a, b = self._pixels(np.array([start, end]))
        thickness = max(1, round(width * PIXELS_PER_METRE))
        cv2.line(self._canvas, a.tolist(), b.tolist(), colour, thickness, cv2.LINE_AA)

    def path(self, points: list[Point], width: float, material: str) -> None:
        """A walked path along a polyline."""
        for a, b in pairwise(points):
            along = np.array(b) - a
            across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6) * width / 2
            self.fill(np.array([a - across, b - across, b + across, a + across]), material)

    def blot(self, center: Point, radius: float, colour: tuple[float, float, float], strength: float) -> None:
        """A soft stain: oil, moss, fallen leaves, a puddle."""
        size = max(3, int(radius * PIXELS_PER_METRE))
        x, y = self._pixels(np.array([center]))[0]
        h, w = self._canvas.shape[:2]
        if not (size <= x < w - size and size <= y < h - size):
            return
        yy, xx = np.mgrid[-size:size, -size:size] / size
        edge = np.clip(1.1 - np.hypot(xx, yy) + 0.5 * noise(self._rng, 2 * size, 2 * size, size / 2), 0, 1)
        mask = (edge * strength)[..., None].astype(np.float32)
        patch = self._canvas[y - size : y + size, x - size : x + size]
        patch[:] = patch * (1 - mask) + np.array(colour, np.float32) * mask

    def image(self, solids: list[tuple[Array, float]], conditions: Conditions) -> NDArray[np.uint8]:
        """The finished picture, row 0 at ymax, given obstacles as (footprint, height)."""
        h, w = self._canvas.shape[:2]
        tone = 1 + 0.07 * noise(self._rng, h, w, 70)
        # Half the resolution is enough for what is blurred anyway.
        small = (h // 2, w // 2)
        occlusion, shadow = np.zeros(small, np.float32), np.zeros(small, np.float32)
        azimuth = np.radians(conditions.sun_azimuth)
        reach = 1 / np.tan(np.radians(max(conditions.sun_elevation, 8)))
        away = -np.array([np.cos(azimuth), np.sin(azimuth)])
        for polygon, height in solids:
            cv2.fillPoly(occlusion, [self._pixels(polygon) // 2], 1.0)
            moved = polygon + away * min(height * reach, 14.0)
            hull = cv2.convexHull(self._pixels(np.concatenate([polygon, moved])) // 2)
            cv2.fillPoly(shadow, [hull], 1.0)
        shade = 1 - 0.38 * cv2.GaussianBlur(occlusion, (0, 0), 2.5)
        depth = {"clear": 0.5, "overcast": 0.0, "twilight": 0.12}[conditions.sky] * (1 - conditions.fog)
        if depth:
            shade *= 1 - depth * cv2.GaussianBlur(shadow, (0, 0), 0.8)
        tone *= cv2.resize(shade, (w, h))
        return np.ascontiguousarray(to_image(self._canvas * tone[..., None])[::-1])

    def _tile(self, material: str) -> Picture:
        key = (material, int(self._rng.integers(VARIANTS)))
        if key not in self._tiles:
            self._tiles[key] = MATERIALS[material](self._rng, TILE)
        return np.rot90(self._tiles[key], int(self._rng.integers(4)))

    def _pixels(self, points: Array) -> NDArray[np.int32]:
        scaled = (np.asarray(points) - (self.extent.x0, self.extent.y0)) * PIXELS_PER_METRE
        return np.asarray(np.round(scaled), np.int32)


def _speckled(rng: Rng, n: int, colour: NDArray[np.float32], fine: float, coarse: float) -> Picture:
    tone = 1 + rng.normal(0, fine, (n, n)).astype(np.float32) + coarse * noise(rng, n, n, n / 9)
    return np.asarray(tone[..., None] * colour, np.float32)


def stone_colour(rng: Rng) -> NDArray[np.float32]:
    """Mostly greys, sands and brick reds; now and then something bold."""
    if rng.random() < 0.8:
        return random_colour(rng, (0.02, 0.3), (0.38, 0.82), (-0.02, 0.13))
    return random_colour(rng, (0.05, 0.35), (0.35, 0.8))


def _asphalt(rng: Rng, n: int) -> Picture:
    picture = _speckled(rng, n, random_colour(rng, (0.0, 0.12), (0.26, 0.45)), 0.07, 0.08)
    for _ in range(int(rng.integers(1, 6))):  # Mended patches and cracks.
        x, y = rng.integers(0, n - 40, 2)
        a, b = rng.integers(12, 40, 2)
        picture[y : y + b, x : x + a] *= rng.uniform(0.72, 1.25)
    for _ in range(int(rng.integers(1, 4))):
        points = np.cumsum(rng.integers(-14, 15, (9, 2)), 0) + n // 2
        cv2.polylines(picture, [points.astype(np.int32)], False, (45, 45, 45), 1)
    return picture


def _grass(rng: Rng, n: int) -> Picture:
    picture = _speckled(rng, n, random_colour(rng, (0.35, 0.6), (0.36, 0.58), (0.17, 0.28)), 0.14, 0.15)
    dry = np.clip(noise(rng, n, n, n / 6) - rng.uniform(0.2, 0.8), 0, 1)[..., None]
    picture = picture * (1 - dry) + np.array([150, 130, 85], np.float32) * dry
    flowers = rng.random((n, n)) < rng.choice([0.0, 0.004, 0.012])
    picture[flowers] = random_colour(rng, (0.0, 0.8), (0.85, 1.0))
    return np.asarray(picture, np.float32)


def _gravel(rng: Rng, n: int) -> Picture:
    return _speckled(rng, n, random_colour(rng, (0.05, 0.3), (0.5, 0.78), (0.03, 0.15)), 0.17, 0.07)


def _soil(rng: Rng, n: int) -> Picture:
    return _speckled(rng, n, random_colour(rng, (0.3, 0.55), (0.25, 0.5), (0.04, 0.1)), 0.15, 0.15)


def _concrete(rng: Rng, n: int) -> Picture:
    picture = _speckled(rng, n, random_colour(rng, (0.0, 0.12), (0.55, 0.78)), 0.04, 0.08)
    pitch = n // int(rng.integers(3, 8))
    picture[::pitch] *= 0.7
    picture[:, ::pitch] *= 0.7
    return picture


def _paving(rng: Rng, n: int) -> Picture:
    """Slabs or setts in one or two colours, in stack, running or chequered bond."""
    a, b = stone_colour(rng), stone_colour(rng)
    rows = n // int(rng.choice([7, 14, 28]))
    cols = n // int(rng.choice([7, 14, 28]))
    tint = rng.normal(1, 0.09, (rows, cols)).astype(np.float32)
    y, x = np.arange(n) * rows // n, np.arange(n) * cols // n
    bond = rng.integers(3)
    pick = {0: (y[:, None] + x) % 2, 1: (y[:, None] % 4 == 0) | (x % 4 == 0), 2: 0 * (y[:, None] + x)}[
        int(bond)
    ]
    picture = np.where(pick[..., None].astype(bool), b, a) * tint[y[:, None], x][..., None]
    picture[np.flatnonzero(np.diff(y))] *= 0.72
    picture[:, np.flatnonzero(np.diff(x))] *= 0.72
    return picture.astype(np.float32)


def _tiles(rng: Rng, n: int) -> Picture:
    """Bold stripes or rings of coloured paving."""
    a, b = stone_colour(rng), random_colour(rng, (0.05, 0.45), (0.3, 0.85))
    yy, xx = np.mgrid[:n, :n]
    width = int(rng.choice([14, 28, 56]))
    choice = int(rng.integers(3))
    pick = ((xx // width) % 2, ((xx + yy) // width) % 2, (np.hypot(xx - n / 2, yy - n / 2) // width) % 2)[
        choice
    ]
    picture = np.where(pick[..., None].astype(bool), a, b) * (1 + rng.normal(0, 0.05, (n, n, 1)))
    picture[::14] *= 0.85
    picture[:, ::14] *= 0.85
    return picture.astype(np.float32)


def _rubber(rng: Rng, n: int) -> Picture:
    return _speckled(rng, n, random_colour(rng, (0.4, 0.8), (0.4, 0.75)), 0.05, 0.05)


def _water(rng: Rng, n: int) -> Picture:
    return _speckled(rng, n, random_colour(rng, (0.25, 0.6), (0.3, 0.55), (0.42, 0.6)), 0.03, 0.2)


MATERIALS: dict[str, Callable[[Rng, int], Picture]] = {
    "asphalt": _asphalt,
    "grass": _grass,
    "gravel": _gravel,
    "soil": _soil,
    "concrete": _concrete,
    "paving": _paving,
    "tiles": _tiles,
    "rubber": _rubber,
    "water": _water,
}
