"""Cameras as they might be bought."""

from __future__ import annotations

from math import radians, tan

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import rays

WIDTH, HEIGHT = 640, 480


def draw_camera(random: np.random.Generator) -> CameraModel:
    """A pinhole of 60 to 95° or a fisheye of 90 to 170° across, both distorted, the middle off by a little.

    Pixels are square to two in a thousand.
    """
    while True:
        cx = (WIDTH - 1) / 2 + random.normal(0, 5)
        cy = (HEIGHT - 1) / 2 + random.normal(0, 5)
        stretch = 1 + random.normal(0, 0.002)
        if random.random() < 0.5:
            half = radians(random.uniform(60, 95) / 2)
            focal = WIDTH / 2 / tan(half)
            # Barrel distortion, stronger for wider lenses, as a share of the image's edge.
            k1 = -random.uniform(0.05, 0.22) / max(1.0, tan(half) ** 2 / 0.5)
            k2 = abs(k1) * random.uniform(0.1, 0.3)
            p1, p2 = random.normal(0, 0.0007, 2)
            camera = CameraModel(
                WIDTH, HEIGHT, focal, focal * stretch, cx, cy, "plumb_bob", (k1, k2, p1, p2, 0.0)
            )
        else:
            half = radians(random.uniform(90, 170) / 2)
            k = random.normal(0, (0.02, 0.008, 0.003, 0.0005))
            radius = half * (1 + np.sum(k * half ** np.arange(2, 10, 2)))
            focal = WIDTH / 2 / radius
            camera = CameraModel(WIDTH, HEIGHT, focal, focal * stretch, cx, cy, "equidistant", tuple(k))
        edge = rays(camera, [(0, cy), (WIDTH - 1, cy), (cx, 0), (cx, HEIGHT - 1)])
        if np.isfinite(edge).all():
            return camera


def imperfect(image: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A clean picture as a sensor gives it: soft lens, some motion, noise, JPEG."""
    blurred = cv2.GaussianBlur(image.astype(np.float32), (0, 0), random.uniform(0.3, 0.8))
    if random.random() < 0.3:
        shape = (1, 3) if random.random() < 0.5 else (3, 1)
        blurred = cv2.filter2D(blurred, -1, np.full(shape, 1 / 3, np.float32))
    noisy = blurred + random.normal(0, random.uniform(1, 3), image.shape)
    coded = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
