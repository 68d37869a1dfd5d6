"""The virtual camera a policy looks through: a cylinder around the robot's vertical axis."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import radians
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError

_Maps = tuple[NDArray[np.int16], NDArray[np.uint16]]

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
    _maps: dict[CameraModel, _Maps] = field(default_factory=dict, compare=False, repr=False)

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
            camera = camera.scaled(width, height)
        if camera not in self._maps:
            self._maps[camera] = self._map(camera)
        big = cv2.remap(image, *self._maps[camera], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        view = cv2.resize(big, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return cast("NDArray[np.uint8]", view)

    def _map(self, camera: CameraModel) -> _Maps:
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
        pixels[(z <= 0.01) | (_off_axis(x, y, z) >= _folds_at(camera))] = -1e4
        return cast("_Maps", cv2.convertMaps(pixels[..., 0], pixels[..., 1], cv2.CV_16SC2))


def _off_axis(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angle between rays and the optical axis [rad]."""
    return np.arctan2(np.hypot(x, y), z)


def _folds_at(camera: CameraModel) -> float:
    """Angle off the axis [rad] from which the distortion polynomial comes back towards the centre.

    It is fitted inside the picture only; far outside it would put the middle of the picture once more.
    """
    angle = np.linspace(0.0, np.pi / 2 - 1e-3, 600)
    if camera.distortion_model == "equidistant":
        powers = angle[:, None] ** np.arange(2, 10, 2)
        radius = angle * (1 + powers @ np.array(camera.distortion))
    else:
        k1, k2, _, _, k3, *rational = camera.distortion
        squares = np.tan(angle)[:, None] ** np.arange(2, 8, 2)
        radius = np.tan(angle) * (1 + squares @ (k1, k2, k3))
        if rational:
            radius = radius / (1 + squares @ rational)
    folds = np.flatnonzero(np.diff(radius) <= 0)
    return float(angle[folds[0]]) if len(folds) else np.pi
