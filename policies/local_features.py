"""Distinct spots of an image and the directions in which they lie."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel

# Wider images [px] are scaled down.  At 480 a goal is recognised a third farther than at 320; 640 adds little
# to that and costs half as much again.
_WIDTH, _MOST = 480, 800


@dataclass(frozen=True)
class LocalFeatures:
    """N spots of one image.

    Attributes:
        azimuth: shape (N,), direction [rad] from the camera's axis, left positive.
        elevation: shape (N,), tangent of the angle above the horizon, for a camera that looks level.
        descriptor: float32, shape (N, 128), of unit norm.
    """

    azimuth: NDArray[np.float64]
    elevation: NDArray[np.float64]
    descriptor: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.azimuth)

    def take(self, rows: NDArray[np.intp]) -> LocalFeatures:
        """Some of them, in the order of `rows`."""
        return LocalFeatures(self.azimuth[rows], self.elevation[rows], self.descriptor[rows])

    @property
    def ray(self) -> NDArray[np.float64]:
        """Unit vectors, x forward, y left, z up, shape (N, 3)."""
        rays = np.stack([np.cos(self.azimuth), np.sin(self.azimuth), self.elevation], axis=1)
        unit: NDArray[np.float64] = rays / np.linalg.norm(rays, axis=1, keepdims=True)
        return unit


class LocalFeatureExtractor:
    """SIFT (Lowe, IJCV 2004) with the root of its histograms (Arandjelović and Zisserman, CVPR 2012)."""

    def __init__(self, camera: CameraModel) -> None:
        """`camera` takes the images; those of another size are taken for scaled ones of its."""
        self._camera = camera
        self._sift = cv2.SIFT_create(nfeatures=_MOST, contrastThreshold=0.015)  # type: ignore[attr-defined]

    def __call__(self, image: NDArray[np.uint8]) -> LocalFeatures:
        """The features of an RGB image, shape (height, width, 3)."""
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        if grey.shape[1] > _WIDTH:
            size = (_WIDTH, max(1, round(grey.shape[0] * _WIDTH / grey.shape[1])))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        points, histograms = self._sift.detectAndCompute(grey, None)
        if histograms is None:
            return LocalFeatures(np.zeros(0), np.zeros(0), np.zeros((0, 128), np.float32))
        roots = np.sqrt(histograms / np.maximum(histograms.sum(1, keepdims=True), 1e-6)).astype(np.float32)
        # OpenCV's keypoints have the centre of the first pixel at 0, camera models have its corner there.
        pixels = np.array([point.pt for point in points]) + 0.5
        pixels *= (self._camera.width / grey.shape[1], self._camera.height / grey.shape[0])
        x, y = self._on_the_image_plane(pixels).T
        return LocalFeatures(-np.arctan(x), -y / np.hypot(1.0, x), roots)

    def _on_the_image_plane(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates right and down at unit distance, lens distortion removed, shape (N, 2)."""
        camera = self._camera
        matrix = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1.0]])
        if camera.distortion_model == "equidistant":
            plane = cv2.fisheye.undistortPoints(pixels[:, None], matrix, np.array(camera.distortion[:4]))
        else:
            plane = cv2.undistortPoints(pixels[:, None], matrix, np.array(camera.distortion))
        return np.asarray(plane[:, 0], np.float64)
