"""Building materials as seamless-looking pictures, float32 RGB in 0..255, shape (h, w, 3)."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
Colour = NDArray[np.float32]
Rng = np.random.Generator


def random_colour(
    rng: Rng,
    saturation: tuple[float, float] = (0.1, 0.6),
    value: tuple[float, float] = (0.4, 0.9),
    hue: tuple[float, float] = (0.0, 1.0),
) -> Colour:
    """RGB, 0..255, drawn in HSV; with the full range of hues, earthy ones come more often."""
    if hue == (0.0, 1.0) and rng.random() < 0.5:
        hue = (-0.04, 0.16)
    h, s, v = rng.uniform(*hue), rng.uniform(*saturation), rng.uniform(*value)
    return np.array([255 * c for c in colorsys.hsv_to_rgb(h % 1, s, v)], np.float32)


def noise(rng: Rng, h: int, w: int, cell: float) -> NDArray[np.float32]:
    """Smooth value noise in -1..1 whose features are about `cell` pixels wide."""
    rows, columns = max(2, round(h / cell) + 1), max(2, round(w / cell) + 1)
    grid = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    return np.asarray(_interpolation(h, rows) @ grid @ _interpolation(w, columns).T, np.float32)


@lru_cache(maxsize=256)
def _interpolation(size: int, knots: int) -> NDArray[np.float32]:
    """Weights of smoothstep interpolation between evenly spaced knots, shape (size, knots).

    Two small matrix products are several times faster here than OpenCV's resize, whose threads cost
    more than pictures of this size are worth.
    """
    position = np.linspace(0, knots - 1, size)
    low = np.minimum(position.astype(int), knots - 2)
    t = position - low
    t = t * t * (3 - 2 * t)
    weights = np.zeros((size, knots), np.float32)
    weights[np.arange(size), low] = 1 - t
    weights[np.arange(size), low + 1] = t
    weights.setflags(write=False)
    return weights


def plaster(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Painted wall with stains and streaks."""
    grain = rng.normal(0, 0.03, (h, w)).astype(np.float32)
    streaks = np.repeat(noise(rng, 1, w, 6)[:1], h, 0) * np.linspace(0.02, 0.09, h, dtype=np.float32)[:, None]
    tone = 1 + grain + streaks + 0.1 * noise(rng, h, w, 24)
    return np.asarray(tone[..., None] * colour, np.float32)


def brick(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Courses of bricks, larger than life so that they survive a small camera image."""
    rows, cols = max(h // int(rng.integers(4, 7)), 1), max(w // int(rng.integers(8, 13)), 1)
    tint = rng.normal(1, 0.13, (rows, cols * 2)).astype(np.float32)
    y = np.arange(h) * rows // h
    x = np.arange(w) * cols * 2 // w
    pair = (x[None, :] + (y % 2)[:, None]) // 2 % (cols * 2)
    picture = tint[y[:, None], pair][..., None] * colour
    mortar = random_colour(rng, (0, 0.1), (0.6, 0.8))
    joint = np.zeros((h, w), bool)
    joint[np.flatnonzero(np.diff(y)), :] = True
    joint[:, 1:] |= np.diff(pair, axis=1) != 0
    picture[joint] = picture[joint] * 0.45 + mortar * 0.5
    return np.asarray(picture, np.float32)


def planks(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Boards, upright or lying, each with its own tint and a dark joint."""
    upright = rng.random() < 0.5
    size, pitch = (w, int(rng.integers(5, 12))) if upright else (h, int(rng.integers(4, 9)))
    index = np.arange(size) // pitch
    line = rng.normal(1, 0.12, index.max() + 1).astype(np.float32)[index]
    line[np.arange(size) % pitch == 0] *= 0.55
    tone = np.tile(line, (h, 1)) if upright else np.tile(line[:, None], (1, w))
    grain = noise(rng, h, w, 3 if upright else 8) * 0.05
    return np.asarray((tone + grain)[..., None] * colour, np.float32)


def corrugated(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Ribbed sheet metal with rust."""
    wave = 1 + 0.16 * np.sin(np.arange(w) * 2 * np.pi / rng.uniform(5, 9))
    tone = np.tile(wave.astype(np.float32), (h, 1)) + 0.06 * noise(rng, h, w, 20)
    picture = tone[..., None] * colour
    rust = np.clip(noise(rng, h, w, 14) - rng.uniform(0.35, 0.8), 0, 1)[..., None] * 1.6
    brown = np.array([120, 66, 35], np.float32)
    return np.asarray(picture * (1 - rust) + brown * rust, np.float32)


def panels(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Cladding panels of two or three tints."""
    ph, pw = int(rng.integers(12, 28)), int(rng.integers(14, 36))
    y, x = np.arange(h) // ph, np.arange(w) // pw
    accent = random_colour(rng, (0.2, 0.7), (0.4, 0.9))
    share = rng.choice([0.0, 0.15, 0.35])
    pick = rng.random((y.max() + 1, x.max() + 1))
    table = np.where(pick[..., None] < share, accent, colour) * rng.normal(1, 0.04, pick.shape)[..., None]
    picture = table[y[:, None], x[None, :]].astype(np.float32)
    picture[::ph] *= 0.7
    picture[:, ::pw] *= 0.7
    return picture * (1 + 0.04 * noise(rng, h, w, 16))[..., None]


def stone(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Rows of unequal ashlar blocks."""
    picture = np.zeros((h, w, 3), np.float32)
    y = 0
    while y < h:
        course = int(rng.integers(6, 13))
        x = -int(rng.integers(0, 10))
        while x < w:
            block = int(rng.integers(9, 26))
            picture[y : y + course, max(x, 0) : x + block] = colour * rng.normal(1, 0.12)
            picture[y : y + course, max(x, 0) : max(x, 0) + 1] *= 0.6
            x += block
        picture[y] *= 0.6
        y += course
    return picture * (1 + 0.06 * noise(rng, h, w, 5))[..., None]


def chequered(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Glazed tiles in two colours: chequers, stripes or diamonds."""
    pitch = int(rng.integers(6, 16))
    other = random_colour(rng, (0.0, 0.6), (0.3, 0.95))
    y, x = np.mgrid[:h, :w] // pitch
    kind = rng.integers(4)
    odd = ((y + x) % 2, y % 2, x % 3 == 0, (np.mgrid[:h, :w].sum(0) // pitch) % 2)[kind].astype(np.float32)
    picture = colour + (other - colour) * odd[..., None]
    return np.asarray(picture * (1 + 0.05 * noise(rng, h, w, 8))[..., None], np.float32)


def foliage(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Leaves: dark depths, light tips, now and then blossom."""
    depth = 0.3 * noise(rng, h, w, 7) + 0.25 * noise(rng, h, w, 3) + rng.normal(0, 0.12, (h, w))
    picture = np.clip(0.85 + depth, 0.2, 1.6).astype(np.float32)[..., None] * colour
    if rng.random() < 0.3:
        blossom = random_colour(rng, (0.3, 0.9), (0.8, 1.0))
        picture[rng.random((h, w)) < 0.05] = blossom
    return picture


SURFACES: dict[str, Callable[[Rng, int, int, Colour], Picture]] = {
    "plaster": plaster,
    "brick": brick,
    "planks": planks,
    "corrugated": corrugated,
    "panels": panels,
    "stone": stone,
    "chequered": chequered,
}


def to_image(picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(np.clip(picture, 0, 255), np.uint8)
