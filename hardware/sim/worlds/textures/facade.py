"""Facades: a style shared by a building's walls, and one picture a wall."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from cairn.hardware.sim.worlds.textures.signs import lettering, poster, scrawl, shapes
from cairn.hardware.sim.worlds.textures.surfaces import (
    SURFACES,
    Colour,
    Picture,
    Rng,
    random_colour,
)

USES = ("house", "hall", "shop", "industry")
SURFACE_WEIGHTS: dict[str, dict[str, float]] = {
    "house": {"plaster": 4, "brick": 4, "planks": 2, "stone": 1.5},
    "hall": {"plaster": 2, "brick": 3, "panels": 3, "stone": 3, "chequered": 1},
    "shop": {"plaster": 3, "brick": 2, "panels": 2, "stone": 2, "chequered": 2},
    "industry": {"corrugated": 5, "panels": 2, "brick": 2, "plaster": 1},
}


@dataclass(frozen=True)
class FacadeStyle:
    """What all walls of one building have in common."""

    use: str
    surface: str
    wall: Colour
    base: Colour
    frame: Colour
    glass: Colour
    window: tuple[float, float]
    pitch: float
    floor: float
    bars: int

    @classmethod
    def draw(cls, rng: Rng, use: str) -> FacadeStyle:
        weights = SURFACE_WEIGHTS[use]
        surface = str(rng.choice(list(weights), p=np.array(list(weights.values())) / sum(weights.values())))
        ranges = {
            "brick": ((0.3, 0.65), (0.35, 0.8), (-0.03, 0.11)),
            "planks": ((0.1, 0.6), (0.35, 0.95), (0.0, 0.7)),
            "stone": ((0.03, 0.3), (0.5, 0.85), (0.02, 0.2)),
            "corrugated": ((0.1, 0.65), (0.35, 0.8), (0.0, 0.75)),
        }
        saturation, value, hue = ranges.get(surface, ((0.05, 0.6), (0.5, 0.97), (0.0, 1.0)))
        if surface in ("plaster", "panels", "chequered") and rng.random() < 0.6:
            saturation, hue = (0.03, 0.45), (0.0, 0.17)
        wide = use in ("hall", "shop")
        return cls(
            use=use,
            surface=surface,
            wall=random_colour(rng, saturation, value, hue),
            base=random_colour(rng, (0.0, 0.5), (0.2, 0.7)),
            frame=random_colour(rng, (0.0, 0.8), (0.15, 1.0)),
            glass=random_colour(rng, (0.1, 0.5), (0.15, 0.45), (0.5, 0.65)),
            window=(float(rng.uniform(0.8, 2.6 if wide else 1.6)), float(rng.uniform(0.7, 1.8))),
            pitch=float(rng.uniform(2.0, 4.2)),
            floor=float(rng.uniform(2.7, 3.6)),
            bars=int(rng.integers(0, 4)),
        )


@dataclass(frozen=True)
class Facade:
    """A wall's picture, and its upper windows in metres from the wall's lower left: x0, z0, x1, z1."""

    picture: Picture
    windows: list[tuple[float, float, float, float]]


def draw_facade(rng: Rng, style: FacadeStyle, length: float, height: float) -> Facade:
    """Draw a wall of `length` by `height` metres; every wall of a building comes out different."""
    w = int(np.clip(length * 13, 48, 250))
    h = int(np.clip(height * 13, 40, 110))
    sx, sy = w / length, h / height
    surface, colour = style.surface, style.wall
    if rng.random() < 0.2:  # A gable end or an extension in another material.
        surface = str(rng.choice(list(SURFACES)))
        colour = random_colour(rng, (0.05, 0.5), (0.4, 0.9))
    picture = SURFACES[surface](rng, h, w, colour)
    canvas = _Canvas(picture, sx, sy, height)

    if rng.random() < 0.5:
        canvas.fill(0, 0, length, rng.uniform(0.4, 1.1), style.base)
    windows = []
    if length > 1.5 and height > 1.5:
        windows = _windows(rng, style, canvas, length, height)
        _ground_floor(rng, style, canvas, length, height)
        _extras(rng, style, canvas, length, height)

    # Eaves and ambient occlusion at the foot, which no real-time light of the renderer would give.
    shade = np.interp(np.arange(h) / sy, [0, 0.35, height - 0.9, height], [0.6, 1, 1, 0.72])
    picture *= shade.astype(np.float32)[:, None, None]
    return Facade(picture, windows)


class _Canvas:
    """Drawing in metres from a wall's lower left corner."""

    def __init__(self, picture: Picture, sx: float, sy: float, height: float) -> None:
        self.picture, self.sx, self.sy, self.height = picture, sx, sy, height

    def box(self, x0: float, z0: float, x1: float, z1: float) -> tuple[int, int, int, int]:
        """Pixel columns and rows x0, x1, y0, y1, clipped; at least one pixel."""
        h, w = self.picture.shape[:2]
        a, b = int(np.clip(x0 * self.sx, 0, w - 1)), int(np.clip(x1 * self.sx, 1, w))
        c, d = (self.height - z1) * self.sy, (self.height - z0) * self.sy
        c, d = int(np.clip(c, 0, h - 1)), int(np.clip(d, 1, h))
        return a, max(b, a + 1), c, max(d, c + 1)

    def fill(self, x0: float, z0: float, x1: float, z1: float, colour: Colour) -> None:
        a, b, c, d = self.box(x0, z0, x1, z1)
        self.picture[c:d, a:b] = colour

    def paste(self, x0: float, z0: float, x1: float, z1: float, picture: Picture) -> None:
        a, b, c, d = self.box(x0, z0, x1, z1)
        self.picture[c:d, a:b] = cv2.resize(picture, (b - a, d - c), interpolation=cv2.INTER_AREA)


def _windows(
    rng: Rng, style: FacadeStyle, canvas: _Canvas, length: float, height: float
) -> list[tuple[float, float, float, float]]:
    ww, wh = style.window
    if style.use == "industry" and rng.random() < 0.6:
        ww, wh = length / max(1, round(length / 5)) - 0.5, 0.6
    pitch = max(style.pitch * rng.uniform(0.85, 1.2), ww + 0.5)
    columns = int((length - 0.6) / pitch)
    left = (length - columns * pitch) / 2
    blank = 0.35 if style.use == "industry" else rng.uniform(0.0, 0.25)
    result = []
    for floor in range(int((height - 0.4) / style.floor)):
        z0 = floor * style.floor + (1.0 if style.use != "industry" else 2.0)
        z1 = min(z0 + wh, height - 0.3)
        for column in range(columns):
            if rng.random() < blank or z1 - z0 < 0.3:
                continue
            x0 = left + column * pitch + (pitch - ww) / 2
            canvas.fill(x0 - 0.12, z0 - 0.12, x0 + ww + 0.12, z1 + 0.12, style.frame)
            canvas.fill(x0, z0, x0 + ww, z1, style.glass * rng.uniform(0.7, 1.5))
            if rng.random() < 0.3:  # A blind or curtain.
                drop = rng.uniform(0.3, 0.8) * (z1 - z0)
                canvas.fill(x0, z1 - drop, x0 + ww, z1, random_colour(rng, (0, 0.5), (0.5, 0.95)))
            for bar in range(style.bars):
                x = x0 + ww * (bar + 1) / (style.bars + 1)
                canvas.fill(x - 0.04, z0, x + 0.04, z1, style.frame)
            if floor or style.use != "shop":
                result.append((x0, z0, x0 + ww, z1))
    return result


def _ground_floor(rng: Rng, style: FacadeStyle, canvas: _Canvas, length: float, height: float) -> None:
    if style.use == "shop" and rng.random() < 0.75 and length > 4:
        top = min(2.6, height - 0.4)
        canvas.fill(0.4, 0, length - 0.4, top, style.frame * 0.8)
        x = 0.6
        while x < length - 1.2:
            width = min(rng.uniform(0.9, 2.8), length - 0.5 - x)
            if rng.random() < 0.4:
                canvas.paste(x, 0.3, x + width, top - 0.2, shapes(rng, 24, 24))
            else:
                canvas.fill(x, 0.3, x + width, top - 0.2, style.glass * rng.uniform(0.8, 1.9))
            x += width + 0.2
        start = rng.uniform(0.3, max(0.4, length * 0.3))
        canvas.paste(
            start, top, min(length - 0.3, start + rng.uniform(3, 8)), top + 0.8, lettering(rng, 24, 110)
        )
        if rng.random() < 0.6:  # A striped awning.
            stripes = np.where(np.arange(64) // 5 % 2, 1.0, 0.35)[None, :, None] * random_colour(
                rng, (0.4, 1), (0.6, 1)
            )
            canvas.paste(0.4, top - 0.7, length - 0.4, top, np.tile(stripes, (8, 1, 1)).astype(np.float32))
        return
    doors = int(rng.integers(0, 2 + (length > 14)))
    for _ in range(doors):
        big = style.use == "industry" or rng.random() < 0.15
        width, top = (rng.uniform(2.5, 4.2), rng.uniform(2.4, 3.4)) if big else (rng.uniform(0.9, 1.8), 2.1)
        if length < width + 1 or height < top + 0.3:
            continue
        x = rng.uniform(0.5, length - width - 0.5)
        colour = random_colour(rng, (0.2, 0.95), (0.2, 0.9))
        canvas.fill(x - 0.15, 0, x + width + 0.15, top + 0.15, style.frame)
        canvas.fill(x, 0, x + width, top, colour)
        if big:
            for z in np.arange(0.3, top, 0.5):
                canvas.fill(x, z, x + width, z + 0.1, colour * 0.75)
            canvas.paste(x + width * 0.3, top * 0.45, x + width * 0.7, top * 0.85, lettering(rng, 24, 26))


def _extras(rng: Rng, style: FacadeStyle, canvas: _Canvas, length: float, height: float) -> None:
    sign_share = {"house": 0.25, "hall": 0.6, "shop": 0.7, "industry": 0.85}[style.use]
    if rng.random() < sign_share and length > 3:
        width = min(length - 1, rng.uniform(2, 7))
        x, z = rng.uniform(0.3, length - width - 0.3), rng.uniform(1.6, max(1.7, height - 1.4))
        canvas.paste(x, z, x + width, z + rng.uniform(0.7, 1.3), lettering(rng, 28, int(28 * width)))
    if rng.random() < 0.2 and length > 6:  # A mural.
        width = rng.uniform(3, min(8, length - 1))
        x = rng.uniform(0.4, length - width - 0.4)
        canvas.paste(x, 0.3, x + width, min(height - 0.4, rng.uniform(2.2, 4.5)), shapes(rng, 64, 90))
    for _ in range(int(rng.integers(0, 3 + int(length / 6)))):
        x, z = rng.uniform(0.3, max(0.4, length - 1.3)), rng.uniform(0.5, 1.1)
        canvas.paste(x, z, x + rng.uniform(0.7, 1.3), z + rng.uniform(0.8, 1.5), poster(rng, 30, 22))
    if rng.random() < 0.25:
        scrawl(rng, canvas.picture)
    if rng.random() < 0.5:  # A downpipe or pilaster.
        x = rng.uniform(0.1, length - 0.3)
        canvas.fill(x, 0, x + rng.uniform(0.12, 0.5), height, style.base)
    if style.use == "industry" and rng.random() < 0.5:  # A coloured band along the wall.
        z = rng.uniform(0.8, height - 0.8)
        canvas.fill(0, z, length, z + rng.uniform(0.3, 0.8), random_colour(rng, (0.5, 1), (0.4, 1)))
