"""Finds a board in images."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.board import Board
from cairn.calibration.board.detection import LEAST_POINTS, Detection
from cairn.calibration.board.refinement import refine_corners
from cairn.calibration.board.sharpness import edge_width
from cairn.calibration.calibration_error import CalibrationError

_Points = tuple[NDArray[np.int64], NDArray[np.float64]]


class BoardDetector:
    """Looks for one board; one object serves one thread."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._points = board.points
        parameters = cv2.aruco.DetectorParameters()
        if board.kind == "charuco":
            charuco = cv2.aruco.CharucoParameters()
            # A corner between one found marker and a lost one is as good as the others.
            charuco.minMarkers = 1
            self._charuco = cv2.aruco.CharucoDetector(board.charuco(), charuco, parameters)
        elif board.kind == "aprilgrid":
            parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
            self._markers = cv2.aruco.ArucoDetector(board.markers(), parameters)

    def detect(self, image: NDArray[np.uint8]) -> Detection | None:
        """The board in an RGB (height, width, 3) or grey image; None where it isn't found.

        Points at the very edge of the image are left out: half of what shows them is missing.
        Raises CalibrationError for anything that is no such image.
        """
        gray = to_gray(image)
        if self.board.kind == "charuco":
            found = self._find_charuco(gray)
        elif self.board.kind == "aprilgrid":
            found = self._find_tags(gray)
        else:
            found = self._find_chessboard(gray)
        if found is None:
            return None
        ids, pixels = found
        height, width = gray.shape
        inside = ((pixels > 3) & (pixels < (width - 4, height - 4))).all(axis=1)
        ids, pixels = ids[inside], pixels[inside]
        if len(ids) < LEAST_POINTS or _on_a_line(self._points[ids]):
            return None
        return Detection(ids, pixels, self._points[ids], (width, height), edge_width(gray, pixels))

    def _find_charuco(self, gray: NDArray[np.uint8]) -> _Points | None:
        pixels, ids, _, _ = self._charuco.detectBoard(gray)
        if ids is None or len(ids) == 0:
            return None
        board = self.board
        reach = (1 - board.marker / board.square) / 2
        numbers, guess = np.asarray(ids, np.int64).ravel(), np.asarray(pixels, np.float64).reshape(-1, 2)
        return refine_corners(gray, numbers, guess, board.columns - 1, reach)

    def _find_tags(self, gray: NDArray[np.uint8]) -> _Points | None:
        corners, ids, _ = self._markers.detectMarkers(gray)
        if ids is None:
            return None
        tags = np.asarray(ids, np.int64).ravel()
        known = tags < self.board.columns * self.board.rows
        if not known.any():
            return None
        pixels = np.concatenate([np.asarray(corner).reshape(4, 2) for corner in corners]).reshape(-1, 4, 2)
        numbers = tags[known, None] * 4 + np.arange(4)
        return numbers.ravel(), pixels[known].reshape(-1, 2).astype(np.float64)

    def _find_chessboard(self, gray: NDArray[np.uint8]) -> _Points | None:
        size = (self.board.columns - 1, self.board.rows - 1)
        arrived, pixels = cv2.findChessboardCornersSB(gray, size, flags=cv2.CALIB_CB_NORMALIZE_IMAGE)
        if not arrived:
            return None
        return np.arange(len(self._points)), np.asarray(pixels, np.float64).reshape(-1, 2)


def to_gray(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shape (height, width), of an RGB or grey image.  Raises CalibrationError for anything else."""
    if (
        image.dtype != np.uint8
        or image.size == 0
        or image.ndim not in (2, 3)
        or image.shape[2:] not in ((), (3,))
    ):
        raise CalibrationError(
            f"expected an image uint8 (height, width, 3) or (height, width), got {image.dtype} {image.shape}"
        )
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _on_a_line(points: NDArray[np.float64]) -> bool:
    spread = np.linalg.svd(points[:, :2] - points[:, :2].mean(axis=0), compute_uv=False)
    return bool(spread[1] < 0.1 * spread[0])
