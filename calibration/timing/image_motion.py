"""How fast a camera turned, from its images alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.detector import to_gray
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import rays

_WIDTH = 320  # [pixels] in which motion is looked for
_POINTS = 160
_LEAST = 12
_ROUNDS = 3
_NEW = np.empty(0, np.float32)  # OpenCV makes the array itself
_BACK = 0.5  # [pixels] that tracking there and back may miss by


class ImageMotion:
    """Rotation between images, by points that are followed from one to the next.

    Far points dominate: what is near moves with the robot's way too, and is left out as it disagrees.

    Args:
        camera: its intrinsics.
    """

    def __init__(self, camera: CameraModel) -> None:
        self._camera = camera
        self._before: NDArray[np.uint8] | None = None

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.float64] | None:
        """The turn [rad] since the image before, about the optical axes x, y, z, shape (3,).

        None for the first image, and where too little can be followed.
        """
        gray = to_gray(image)
        scale = min(1.0, _WIDTH / gray.shape[1])
        small = np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        before, self._before = self._before, small
        if before is None or before.shape != small.shape:
            return None
        points = cv2.goodFeaturesToTrack(before, _POINTS, 0.01, 7)
        if points is None or len(points) < _LEAST:
            return None
        ahead, found, _ = cv2.calcOpticalFlowPyrLK(before, small, points, _NEW, winSize=(15, 15), maxLevel=4)
        back, again, _ = cv2.calcOpticalFlowPyrLK(small, before, ahead, _NEW, winSize=(15, 15), maxLevel=4)
        missed = np.linalg.norm((back - points).reshape(-1, 2), axis=1)
        good = (found.ravel() == 1) & (again.ravel() == 1) & (missed < _BACK)
        height, width = small.shape
        lens = self._camera.scaled(width, height)
        # Pixel centres are whole numbers, so the middle shifts when an image shrinks.
        shift = 0.5 * (1 - scale)
        start = rays(lens, points.reshape(-1, 2) + shift)
        end = rays(lens, ahead.reshape(-1, 2) + shift)
        good &= np.isfinite(start).all(axis=1) & np.isfinite(end).all(axis=1)
        if good.sum() < _LEAST:
            return None
        return _turn(start[good], end[good])


def _turn(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The camera's turn with which most directions agree; small angles."""
    weight = np.ones(len(start))
    turn: NDArray[np.floating] = np.zeros(3)
    for _ in range(_ROUNDS):
        # A turn w of the camera moves a direction d by -w x d.
        rows = np.zeros((len(start), 3, 3))
        x, y, z = start.T
        rows[:, 0, 1], rows[:, 0, 2], rows[:, 1, 2] = -z, y, -x
        rows -= rows.transpose(0, 2, 1)
        matrix = (rows * weight[:, None, None]).reshape(-1, 3)
        wanted = ((end - start) * weight[:, None]).ravel()
        turn, _, rank, _ = np.linalg.lstsq(matrix, wanted, rcond=None)
        if rank < 3:
            return None
        left = np.linalg.norm(end - start - rows @ turn, axis=1)
        scale = max(float(np.median(left)), 1e-5)
        weight = 1 / np.sqrt(1 + (left / (2 * scale)) ** 2)
    return np.asarray(turn, np.float64)
