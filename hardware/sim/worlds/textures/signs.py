"""Signs, posters, murals and graffiti: what makes one wall different from all others."""

from __future__ import annotations

import cv2
import numpy as np

from cairn.hardware.sim.worlds.textures.surfaces import Colour, Picture, Rng, random_colour

LETTERS = "ABCDEFGHJKLMNPRSTUVXYZ23456789"
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX)


def _rgb(colour: Colour) -> tuple[float, float, float]:
    return float(colour[0]), float(colour[1]), float(colour[2])


def _contrasting(rng: Rng, background: Colour) -> tuple[float, float, float]:
    bright = float(background.mean()) > 128
    return _rgb(random_colour(rng, (0.0, 0.9), (0.0, 0.3) if bright else (0.8, 1.0)))


def lettering(rng: Rng, h: int, w: int) -> Picture:
    """A sign with a border and a random word that fills it."""
    background = random_colour(rng, (0.2, 1.0), (0.25, 1.0))
    picture = np.tile(background, (h, w, 1)).astype(np.uint8)  # OpenCV writes on bytes only.
    word = "".join(rng.choice(list(LETTERS), max(1, min(7, round(w / h * 1.2)))))
    font = FONTS[rng.integers(len(FONTS))]
    (tw, th), _ = cv2.getTextSize(word, font, 1.0, 2)
    scale = min(0.86 * w / tw, 0.7 * h / th)
    thickness = max(1, round(scale * 3))
    origin = (round((w - tw * scale) / 2), round((h + th * scale) / 2))
    ink = _contrasting(rng, background)
    cv2.putText(picture, word, origin, font, scale, ink, thickness, cv2.LINE_AA)
    if rng.random() < 0.6:
        cv2.rectangle(picture, (0, 0), (w - 1, h - 1), ink, max(1, h // 14))
    return picture.astype(np.float32)


def shapes(rng: Rng, h: int, w: int) -> Picture:
    """A poster or mural: large random shapes on a coloured ground."""
    picture = np.tile(random_colour(rng, (0.2, 0.9), (0.3, 1.0)), (h, w, 1)).astype(np.uint8)
    for _ in range(int(rng.integers(2, 6))):
        colour = _rgb(random_colour(rng, (0.3, 1.0), (0.15, 1.0)))
        x, y = int(rng.integers(0, w)), int(rng.integers(0, h))
        size = max(2, int(rng.uniform(0.15, 0.45) * min(h, w)))
        kind = rng.integers(5)
        if kind == 0:
            cv2.circle(picture, (x, y), size, colour, -1, cv2.LINE_AA)
        elif kind == 1:
            cv2.circle(picture, (x, y), size, colour, max(1, size // 3), cv2.LINE_AA)
        elif kind == 2:
            turn = rng.uniform(0, 2 * np.pi) + np.arange(3) * 2.1
            points = np.stack([x + size * 1.4 * np.cos(turn), y + size * 1.4 * np.sin(turn)], 1)
            cv2.fillPoly(picture, [points.astype(np.int32)], colour, cv2.LINE_AA)
        elif kind == 3:
            cv2.rectangle(picture, (x - size, y - size // 2), (x + size, y + size // 2), colour, -1)
        else:
            ends = rng.integers(0, (w, h), (2, 2))
            cv2.line(picture, ends[0].tolist(), ends[1].tolist(), colour, max(2, size // 3), cv2.LINE_AA)
    return picture.astype(np.float32)


def poster(rng: Rng, h: int, w: int) -> Picture:
    """Shapes, or shapes above lettering."""
    picture = shapes(rng, h, w)
    if rng.random() < 0.5 and h >= 12:
        cut = int(h * rng.uniform(0.55, 0.75))
        picture[cut:] = lettering(rng, h - cut, w)
    return picture


def scrawl(rng: Rng, picture: Picture) -> None:
    """Spray a graffito onto a wall, in place."""
    h, w = picture.shape[:2]
    colour = _rgb(random_colour(rng, (0.6, 1.0), (0.3, 1.0)))
    points = np.cumsum(rng.normal(0, h * 0.22, (int(rng.integers(6, 14)), 2)), 0)
    points += (w * rng.uniform(0.3, 0.7), h * 0.6) - points.mean(0)
    cv2.polylines(picture, [points.astype(np.int32)], False, colour, max(2, h // 16), cv2.LINE_AA)
