"""What a real sensor does to a clean picture: blur of motion, exposure, noise."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.camera_settings import CameraSettings

_TARGET_BRIGHTNESS = 110.0


class Exposure:
    """Seeded sensor effects with the slow memory of an auto-exposure loop."""

    def __init__(self, settings: CameraSettings, seed: int) -> None:
        self._settings = settings
        self._random = np.random.default_rng(seed)
        self._gain: float | None = None
        self._noise = _noise(settings.height + 64, settings.width + 64, settings.noise, seed)

    def __call__(self, clean: NDArray[np.uint8], yaw_rate: float) -> NDArray[np.uint8]:
        """A noisy copy of `clean`, (height, width, 3); `yaw_rate` in rad/s sets the blur."""
        settings = self._settings
        image: NDArray[Any] = clean
        swept = abs(yaw_rate) * settings.exposure_time * settings.model.fx
        if swept >= 1.5:
            image = cv2.blur(image, (round(swept) | 1, 1))
        if settings.auto_exposure:
            wanted = float(np.clip(_TARGET_BRIGHTNESS / max(float(image[::4, ::4].mean()), 1.0), 0.6, 1.8))
            self._gain = wanted if self._gain is None else self._gain + 0.3 * (wanted - self._gain)
            image = cv2.convertScaleAbs(image, alpha=self._gain)
        if settings.noise:
            row, column = self._random.integers(0, 64, 2)
            patch = self._noise[row : row + image.shape[0], column : column + image.shape[1]]
            image = cv2.add(image, patch, dtype=cv2.CV_8U)
        return np.ascontiguousarray(image)


@lru_cache(maxsize=8)
def _noise(height: int, width: int, deviation: float, seed: int) -> NDArray[np.int8]:
    """Read noise, drawn once: drawing it for every frame would cost as much as rendering the frame."""
    random = np.random.default_rng(seed)
    return random.normal(0.0, deviation, (height, width, 3)).astype(np.int8)
