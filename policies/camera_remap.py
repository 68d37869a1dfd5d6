"""What another camera would have seen from the same place."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import project, rays
from cairn.policies.image_error import ImageError

# Sampled at twice the size and then averaged: a picture that shrinks would otherwise flicker.
_OVERSAMPLING = 2


class CameraRemap:
    """Turns images of one camera into those of another with the same optical centre.

    The map is computed once; an image then takes two passes.  What the real camera does not see is black.

    Args:
        real: takes the images.
        wanted: whose images a policy was trained with; its size is that of the result.
        turn: rotation of the wanted camera's optical frame in the real one's, where the two are mounted at
            different angles.  A different place can't be made good by turning.
    """

    def __init__(self, real: CameraModel, wanted: CameraModel, turn: Rotation | None = None) -> None:
        self._real = real
        self._same = real == wanted and turn is None
        self.wanted = wanted
        shrinks = wanted.fx * _OVERSAMPLING <= 1.5 * real.fx
        self._scale = _OVERSAMPLING if shrinks else 1
        step = 1 / self._scale
        columns, rows = wanted.width * self._scale, wanted.height * self._scale
        along = (np.arange(columns) + 0.5) * step - 0.5
        down = (np.arange(rows) + 0.5) * step - 0.5
        looking = rays(wanted, np.stack(np.meshgrid(along, down), axis=-1))
        if turn is not None:
            looking = turn.apply(looking)
        pixels = project(real, looking)
        inside = ((pixels > -0.5) & (pixels < (real.width - 0.5, real.height - 0.5))).all(axis=1)
        self.seen = float(inside.mean())
        """Share of the wanted image that the real camera sees."""
        pixels[~inside] = -1e4
        grid = pixels.reshape(rows, columns, 2).astype(np.float32)
        self._maps = cv2.convertMaps(grid[..., 0], grid[..., 1], cv2.CV_16SC2)
        self._big = np.empty((rows, columns, 3), np.uint8)

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The image (height, width, 3) of the wanted camera.

        Raises ImageError for an image that is not one of the real camera.
        """
        expected = (self._real.height, self._real.width, 3)
        if image.dtype != np.uint8 or image.shape != expected:
            raise ImageError(f"expected an image uint8 {expected}, got {image.dtype} {image.shape}")
        if self._same:
            return image
        cv2.remap(image, *self._maps, cv2.INTER_LINEAR, dst=self._big, borderMode=cv2.BORDER_CONSTANT)
        if self._scale == 1:
            return cast("NDArray[np.uint8]", self._big.copy())
        size = (self.wanted.width, self.wanted.height)
        return cast("NDArray[np.uint8]", cv2.resize(self._big, size, interpolation=cv2.INTER_AREA))
