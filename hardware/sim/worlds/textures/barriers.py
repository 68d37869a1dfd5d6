"""Fences, walls and hedges: a style for a run, and several different pictures of its sections."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from cairn.hardware.sim.worlds.textures import surfaces
from cairn.hardware.sim.worlds.textures.signs import lettering, poster, scrawl
from cairn.hardware.sim.worlds.textures.surfaces import Colour, Picture, Rng, random_colour

KINDS = ("hedge", "boards", "slats", "palisade", "mesh", "brick", "concrete", "stone", "sheet", "hoarding")
THICKNESS = {"hedge": 0.7, "brick": 0.25, "concrete": 0.2, "stone": 0.45}


@dataclass(frozen=True)
class BarrierStyle:
    """Kind, colours and dimensions in metres of one fence, wall or hedge."""

    kind: str
    colour: Colour
    accent: Colour
    height: float
    thickness: float

    @classmethod
    def draw(cls, rng: Rng, kind: str, height: tuple[float, float] = (1.4, 2.3)) -> BarrierStyle:
        ranges = {
            "hedge": ((0.35, 0.75), (0.25, 0.6), (0.2, 0.42)),
            "boards": ((0.15, 0.65), (0.3, 0.85), (0.02, 0.65)),
            "mesh": ((0.1, 0.6), (0.3, 0.7), (0.25, 0.6)),
            "brick": ((0.25, 0.65), (0.35, 0.75), (-0.03, 0.1)),
            "concrete": ((0.0, 0.15), (0.5, 0.8), (0.0, 1.0)),
            "stone": ((0.03, 0.25), (0.45, 0.8), (0.03, 0.2)),
        }
        saturation, value, hue = ranges.get(kind, ((0.1, 0.8), (0.3, 0.95), (0.0, 1.0)))
        return cls(
            kind=kind,
            colour=random_colour(rng, saturation, value, hue),
            accent=random_colour(rng, (0.2, 0.9), (0.2, 0.95)),
            height=float(rng.uniform(*height)),
            thickness=THICKNESS.get(kind, 0.12),
        )


def draw_section(rng: Rng, style: BarrierStyle, length: float) -> Picture:
    """One section of `length` metres; sections of a run share the style but not the details."""
    w, h = int(np.clip(length * 30, 24, 110)), int(np.clip(style.height * 30, 30, 72))
    picture = _PATTERNS[style.kind](rng, h, w, style)
    if style.kind != "hedge":
        chance = rng.random()
        if chance < 0.16:
            size = int(min(h, w) * rng.uniform(0.35, 0.6))
            y, x = int(rng.integers(2, h - size)), int(rng.integers(0, max(1, w - size)))
            kind = poster if rng.random() < 0.5 else lettering
            picture[y : y + size, x : x + size] = kind(rng, size, min(size, w - x))
        elif chance < 0.26 and style.kind in ("brick", "concrete", "sheet", "hoarding", "boards"):
            scrawl(rng, picture)
    foot = np.interp(np.arange(h), [0, h * 0.82, h], [1.05, 1.0, 0.55]).astype(np.float32)
    return picture * foot[:, None, None]


def _hedge(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    picture = surfaces.foliage(rng, h, w, style.colour)
    if rng.random() < 0.25:  # A browned or differently coloured shrub in the row.
        centre = (int(rng.integers(0, w)), int(rng.integers(h // 3, h)))
        mask = np.zeros((h, w), np.float32)
        cv2.circle(mask, centre, int(h * rng.uniform(0.25, 0.5)), 1.0, -1)
        blend = cv2.GaussianBlur(mask, (0, 0), 4)[..., None] * 0.7
        tint = random_colour(rng, (0.3, 0.8), (0.3, 0.8))
        picture = np.asarray(picture * (1 - blend) + picture * tint / 128 * blend, np.float32)
    return picture


def _boards(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    pitch = int(rng.integers(6, 10))
    index = np.arange(w) // pitch
    tint = rng.normal(1, 0.13, index.max() + 1).astype(np.float32)
    odd = np.where(rng.random(index.max() + 1) < 0.07)[0]
    picture = np.tile(tint[index][None, :, None] * style.colour, (h, 1, 1)).astype(np.float32)
    for board in odd:
        picture[:, index == board] = style.accent * 0.8
    picture[:, np.arange(w) % pitch == 0] *= 0.45
    picture[[int(h * 0.2), int(h * 0.75)]] *= 0.75
    return picture * (1 + 0.06 * surfaces.noise(rng, h, w, 4))[..., None]


def _slats(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    pitch = max(5, h // int(rng.integers(5, 9)))
    y = np.arange(h)
    line = np.where(y % pitch < 2, 0.35, rng.normal(1, 0.1, h // pitch + 1)[y // pitch])
    picture = np.tile((line[:, None, None] * style.colour).astype(np.float32), (1, w, 1))
    picture[:, :4] = style.accent
    return picture * (1 + 0.05 * surfaces.noise(rng, h, w, 9))[..., None]


def _behind(rng: Rng, h: int, w: int) -> Picture:
    """Shrubs and shade seen through an open fence."""
    return surfaces.foliage(rng, h, w, random_colour(rng, (0.2, 0.5), (0.2, 0.45), (0.1, 0.4)))


def _palisade(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    picture = _behind(rng, h, w)
    pitch = int(rng.integers(5, 11))
    for x in range(0, w, pitch):
        picture[int(rng.integers(0, 3)) :, x : x + 3] = style.colour
    for y in (int(h * 0.12), int(h * 0.85)):
        picture[y : y + 3] = style.colour * 0.9
    picture[:, :5] = style.accent
    return picture


def _mesh(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    picture = _behind(rng, h, w) * 1.3
    y, x = np.mgrid[:h, :w]
    wire = ((x + y) % 6 == 0) | ((x - y) % 6 == 0)
    picture[wire] = picture[wire] * 0.3 + style.colour * 0.9
    picture[:4] = style.colour
    picture[:, :5] = style.accent
    return picture


def _brick(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    picture = surfaces.brick(rng, h, w, style.colour)
    picture[:6] = style.accent * 0.6 + 60
    if rng.random() < 0.4:
        picture[:, :9] = style.accent * 0.5 + 70
    return picture


def _concrete(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    picture = surfaces.plaster(rng, h, w, style.colour)
    picture[:, :3] *= 0.6
    picture[h // 2 : h // 2 + 2] *= 0.8
    if rng.random() < 0.3:
        picture[int(h * 0.7) :] = picture[int(h * 0.7) :] * 0.4 + style.accent * 0.5
    return picture


def _stone(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    return surfaces.stone(rng, h, w, style.colour)


def _sheet(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    return surfaces.corrugated(rng, h, w, style.colour if rng.random() < 0.8 else style.accent)


def _hoarding(rng: Rng, h: int, w: int, style: BarrierStyle) -> Picture:
    picture = np.tile(style.colour if rng.random() < 0.6 else style.accent, (h, w, 1)).astype(np.float32)
    if rng.random() < 0.35:
        stripe = (np.mgrid[:h, :w].sum(0) // max(6, h // 5) % 2).astype(bool)
        picture[stripe] = picture[stripe] * 0.35 + 150 * 0.6
    picture[:, :2] *= 0.5
    return picture * (1 + 0.05 * surfaces.noise(rng, h, w, 12))[..., None]


_PATTERNS = {
    "hedge": _hedge,
    "boards": _boards,
    "slats": _slats,
    "palisade": _palisade,
    "mesh": _mesh,
    "brick": _brick,
    "concrete": _concrete,
    "stone": _stone,
    "sheet": _sheet,
    "hoarding": _hoarding,
}
