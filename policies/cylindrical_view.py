"""The virtual camera a policy looks through: a cylinder around the robot's vertical axis."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import radians

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError

# Sampled at twice the size and then averaged: the edges of a wide pinhole image shrink four times.
_OVERSAMPLING = 2


@dataclass(frozen=True)
class CylindricalView:
    """Columns are equal steps of azimuth, rows equal steps of the tangent of elevation.

    A turn of the robot shifts columns and changes nothing else, whatever lens the real camera has; pixels
    beyond the real camera's view are black.

    Attributes:
        width, height: pixels.
        horizontal_fov: degrees spanned by the columns.
        top, bottom: tangent of elevation at the upper and lower edge, up positive.
    """

    width: int = 128
    height: int = 64
    horizontal_fov: float = 120.0
    top: float = 0.42
    bottom: float = -0.63
    _maps: dict[CameraModel, tuple[NDArray[np.int16], NDArray[np.uint16]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        if self.width < 8 or self.height < 8:
            raise CairnError(f"a view must have at least 8x8 pixels, got {self.width}x{self.height}")
        if not 10 <= self.horizontal_fov <= 180:
            raise CairnError(f"horizontal_fov must lie in [10, 180] degrees, got {self.horizontal_fov}")
        if not self.bottom < self.top:
            raise CairnError(f"bottom must lie below top, got {self.bottom} and {self.top}")

    def __call__(self, image: NDArray[np.uint8], camera: CameraModel) -> NDArray[np.uint8]:
        """The view of an RGB image (height, width, 3) taken by `camera`; a scaled image scales the camera.

        Returns uint8, shape (self.height, self.width, 3).
        """
        height, width = image.shape[:2]
        if (width, height) != (camera.width, camera.height):
            camera = _scaled(camera, width, height)
        if camera not in self._maps:
            self._maps[camera] = self._map(camera)
        big = cv2.remap(image, *self._maps[camera], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        view: NDArray[np.uint8] = cv2.resize(big, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return view

    def _map(self, camera: CameraModel) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
        columns, rows = self.width * _OVERSAMPLING, self.height * _OVERSAMPLING
        half = radians(self.horizontal_fov) / 2
        azimuth = ((np.arange(columns) + 0.5) / columns * 2 - 1) * half
        tangent = self.top + (np.arange(rows) + 0.5) / rows * (self.bottom - self.top)
        x = np.broadcast_to(np.sin(azimuth), (rows, columns))
        z = np.broadcast_to(np.cos(azimuth), (rows, columns))
        y = np.broadcast_to(-tangent[:, None], (rows, columns))
        points = np.stack([x, y, z], axis=-1).reshape(-1, 1, 3).astype(np.float64)
        matrix = np.array([[camera.fx, 0, camera.cx - 0.5], [0, camera.fy, camera.cy - 0.5], [0, 0, 1.0]])
        zero = np.zeros(3)
        if camera.distortion_model == "equidistant":
            pixels, _ = cv2.fisheye.projectPoints(points, zero, zero, matrix, np.array(camera.distortion[:4]))
        else:
            pixels, _ = cv2.projectPoints(points, zero, zero, matrix, np.array(camera.distortion))
        pixels = pixels.reshape(rows, columns, 2).astype(np.float32)
        pixels[z <= 0.01] = -1e4
        first, second = cv2.convertMaps(pixels[..., 0], pixels[..., 1], cv2.CV_16SC2)
        return first, second


def _scaled(camera: CameraModel, width: int, height: int) -> CameraModel:
    sx, sy = width / camera.width, height / camera.height
    if abs(sx / sy - 1) > 0.02:
        raise CairnError(
            f"the image is {width}x{height}, but the camera's pictures have the proportions of "
            f"{camera.width}x{camera.height}"
        )
    return CameraModel(
        width, height, camera.fx * sx, camera.fy * sy, camera.cx * sx, camera.cy * sy,
        camera.distortion_model, camera.distortion,
    )  # fmt: skip
