"""What may happen to a camera's pictures on a robot outdoors."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Random = np.random.Generator
Perturbation = Callable[[Image, Random], Image]
"""From an RGB image, uint8 (height, width, 3), to the perturbed one; all chance comes from the generator."""


def _gained(gain: float) -> Perturbation:
    return lambda image, random: np.asarray(cv2.convertScaleAbs(image, alpha=gain), np.uint8)


def _motion_blur(image: Image, random: Random) -> Image:
    """A turn during the exposure: 5 % of the width."""
    length = max(3, round(0.05 * image.shape[1])) | 1
    return np.asarray(cv2.blur(image, (length, 1)), np.uint8)


def _sun_flare(image: Image, random: Random) -> Image:
    """The sun in the upper part of the view: a blinding disc, a veil, and ghosts towards the centre."""
    height, width = image.shape[:2]
    x, y = random.uniform(0.2, 0.8) * width, random.uniform(0.05, 0.35) * height
    rows, columns = np.mgrid[:height, :width]
    distance = np.hypot(columns - x, rows - y) / width
    light = 255 * np.exp(-((distance / 0.06) ** 2)) + 110 * np.exp(-distance / 0.25) + 25
    for share in (0.5, 1.4):
        ghost = (
            np.hypot(columns - (x + share * (width / 2 - x)), rows - (y + share * (height / 2 - y))) / width
        )
        light += 35 * (ghost < 0.03 * share)
    return np.asarray(np.clip(image + light[..., None] * (1.0, 0.95, 0.8), 0, 255), np.uint8)


def _rain(image: Image, random: Random) -> Image:
    """Two dozen drops on the lens, each a small upside-down and blurred picture of what is behind it."""
    height, width = image.shape[:2]
    soft = cv2.GaussianBlur(image[::-1, ::-1], (0, 0), max(1.0, width / 80))
    mask = np.zeros((height, width), np.uint8)
    for _ in range(24):
        centre = (int(random.integers(width)), int(random.integers(height)))
        radius = max(2, round(random.uniform(0.012, 0.045) * width))
        cv2.ellipse(mask, centre, (radius, round(1.2 * radius)), 0.0, 0.0, 360.0, 255, -1)
    share = cv2.GaussianBlur(mask, (0, 0), max(1.0, width / 200)).astype(np.float32)[..., None] / 255
    return np.asarray(image * (1 - share) + soft * share, np.uint8)


def _moved(right: float, down: float, degrees: float) -> Perturbation:
    """The camera shifted by shares of the image's size and rolled; what it does not see is black."""

    def move(image: Image, random: Random) -> Image:
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        matrix[:, 2] += (right * width, down * height)
        return np.asarray(cv2.warpAffine(image, matrix, (width, height)), np.uint8)

    return move


def _half_resolution(image: Image, random: Random) -> Image:
    height, width = image.shape[:2]
    return np.asarray(cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)


PERTURBATIONS: dict[str, Perturbation] = {
    "brighter": _gained(1.6),
    "darker": _gained(0.5),
    "motion blur": _motion_blur,
    "sun flare": _sun_flare,
    "rain on lens": _rain,
    "shifted right 5 %": _moved(-0.05, 0.0, 0.0),
    "shifted up 5 %": _moved(0.0, 0.05, 0.0),
    "rolled 5 degrees": _moved(0.0, 0.0, 5.0),
    "half resolution": _half_resolution,
}
"""Of single images, by name."""

DROPPED, FROZEN = "dropped frames", "frozen frames"
"""Of the stream: every third frame is missing and the last answer kept; for a second in four, an old image
comes again and again."""
