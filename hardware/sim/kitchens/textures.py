"""Kitchen surfaces as pictures, float32 RGB in 0..255, shape (h, w, 3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.worlds.textures.surfaces import Colour, Picture, Rng, noise


def wood(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Boards with long grain."""
    grain = 0.10 * noise(rng, h, w, 3)[:, :1] + np.repeat(0.07 * noise(rng, h, 4, 2)[:, :1], w, 1)
    grain = grain + 0.06 * _stretched(rng, h, w, 2.5, 90) + 0.07 * _stretched(rng, h, w, 9, 160)
    board = np.arange(h) // (h // 5)
    tone = (1 + rng.normal(0, 0.06, board.max() + 1)[board])[:, None] + grain
    tone[np.flatnonzero(np.diff(board)), :] *= 0.6
    return _tinted(tone, colour)


def bamboo(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Narrow glued strips."""
    strip = np.arange(h) // max(2, h // 24)
    shift = rng.integers(0, w, strip.max() + 1)
    part = (np.arange(w)[None, :] + shift[strip][:, None]) // (w // 3)
    tint = rng.normal(1, 0.07, (strip.max() + 1, part.max() + 1))
    return _tinted(tint[strip[:, None], part] + 0.04 * _stretched(rng, h, w, 2, 60), colour)


def marble(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Pale stone with veins."""
    bend = 2.2 * noise(rng, h, w, w / 4) + 0.7 * noise(rng, h, w, w / 12)
    y, x = np.mgrid[:h, :w] / w
    veins = np.abs(np.sin(5 * (x + 0.6 * y) + bend)) ** 0.35
    return _tinted(0.78 + 0.24 * veins + 0.03 * noise(rng, h, w, 5), colour)


def granite(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Speckled stone."""
    speckle = 0.28 * rng.normal(0, 1, (h, w)) + 0.3 * noise(rng, h, w, 3) + 0.15 * noise(rng, h, w, 9)
    return _tinted(np.clip(1 + speckle, 0.35, 2.4), colour)


def terrazzo(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Chips of several colours in a pale ground."""
    picture = _tinted(1 + 0.02 * rng.normal(0, 1, (h, w)), colour)
    chips = np.array([(196, 120, 90), (90, 110, 105), (225, 190, 130), (70, 70, 76)], np.float32)
    for layer, chip in enumerate(chips):
        mask = noise(rng, h, w, 9 + 2 * layer) + 0.25 * noise(rng, h, w, 4) > 0.62
        picture[mask] = chip
    return picture


def tiles(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Square glazed tiles with pale joints."""
    count = 8
    y, x = np.arange(h) * count // h, np.arange(w) * count // w
    picture = _tinted(rng.normal(1, 0.05, (count, count))[y[:, None], x[None, :]], colour)
    joint = np.zeros((h, w), bool)
    for edge in range(count):
        row, column = edge * h // count, edge * w // count
        joint[row : row + 3, :] = joint[:, column : column + 3] = True
    picture[joint] = (205, 203, 196)
    return picture


def steel(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Brushed metal."""
    return _tinted(1 + 0.07 * _stretched(rng, h, w, 1.5, 120) + 0.08 * _stretched(rng, h, w, 60, 200), colour)


def gingham(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Checked cloth on white."""
    y, x = (np.arange(h) * 14 // h) % 2, (np.arange(w) * 14 // w) % 2
    share = 0.5 * (y[:, None] + x[None, :])[..., None]
    weave = 1 + 0.03 * rng.normal(0, 1, (h, w))[..., None]
    return np.asarray((245 + share * (colour - 245)) * weave, np.float32)


def painted(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Smooth paint or laminate."""
    return _tinted(1 + 0.03 * noise(rng, h, w, w / 5) + 0.012 * rng.normal(0, 1, (h, w)), colour)


def striped(rng: Rng, h: int, w: int, colour: Colour) -> Picture:
    """Wallpaper or cloth with broad stripes."""
    stripe = (np.arange(w) * 18 // w) % 3 == 0
    other = 255 - 0.35 * (255 - colour)
    picture = np.where(stripe[None, :, None], colour, other) * np.ones((h, 1, 1))
    return np.asarray(picture * (1 + 0.02 * rng.normal(0, 1, (h, w)))[..., None], np.float32)


TEXTURES: dict[str, Callable[[Rng, int, int, Colour], Picture]] = {
    function.__name__: function
    for function in (
        wood,
        bamboo,
        marble,
        granite,
        terrazzo,
        tiles,
        steel,
        gingham,
        painted,
        striped,
    )
}


def _stretched(rng: Rng, h: int, w: int, down: float, along: float) -> NDArray[np.float32]:
    """Noise whose features are `down` by `along` pixels."""
    coarse = noise(rng, h, max(4, round(w * down / along)), down)
    columns = np.linspace(0, coarse.shape[1] - 1, w)
    low = np.minimum(columns.astype(int), coarse.shape[1] - 2)
    share = (columns - low).astype(np.float32)
    return np.asarray(coarse[:, low] * (1 - share) + coarse[:, low + 1] * share, np.float32)


def _tinted(tone: NDArray[np.floating], colour: Colour) -> Picture:
    return np.asarray(tone[..., None] * colour, np.float32)
