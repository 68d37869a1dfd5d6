"""Flat patterns of known size."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.calibration.calibration_error import CalibrationError

KINDS = ("charuco", "chessboard", "aprilgrid")
_LEAST, _MOST = 3, 60  # columns and rows
_FORM = "charuco:COLUMNSxROWS:SQUARE:MARKER[:DICTIONARY], chessboard:COLUMNSxROWS:SQUARE or "
_FORM += "aprilgrid:COLUMNSxROWS:TAG:GAP[:DICTIONARY], lengths in metres, e.g. charuco:9x6:0.03:0.022"
_DEFAULT_DICTIONARY = {"charuco": "DICT_5X5_250", "chessboard": "", "aprilgrid": "DICT_APRILTAG_36h11"}


@dataclass(frozen=True)
class Board:
    """A board.  Its frame: origin in the upper left corner of the pattern, x right, y down, z away from who
    looks at it, so that a board seen straight on has the camera's rotation.

    Attributes:
        kind: "charuco", "chessboard" or "aprilgrid".
        columns, rows: squares, counted along x and y; of an aprilgrid, tags.
        square: side of a square [m]; of an aprilgrid, of a tag.
        marker: side of a marker within a white square [m]; of an aprilgrid, the gap between tags; 0 of a
            chessboard.
        dictionary: OpenCV's name of the markers' dictionary; "" of a chessboard.

    Raises CalibrationError for a board that there can't be.
    """

    kind: str = "charuco"
    columns: int = 9
    rows: int = 6
    square: float = 0.030
    marker: float = 0.022
    dictionary: str = "DICT_5X5_250"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise CalibrationError(f"a board's kind {self.kind!r} is unknown; valid: {', '.join(KINDS)}")
        if not (_LEAST <= self.columns <= _MOST and _LEAST <= self.rows <= _MOST):
            raise CalibrationError(
                f"a board has {_LEAST} to {_MOST} columns and rows, got {self.columns}x{self.rows}"
            )
        if not (isfinite(self.square) and 1e-4 <= self.square <= 2):
            raise CalibrationError(f"a board's squares must measure 0.0001 to 2 m, got {self.square} m")
        if self.kind == "charuco" and not 0.3 * self.square <= self.marker <= 0.95 * self.square:
            raise CalibrationError(
                f"the markers of a ChArUco board must measure 0.3 to 0.95 of a square, which is "
                f"{self.square} m; got {self.marker} m"
            )
        if self.kind == "aprilgrid" and not 0.05 * self.square <= self.marker <= self.square:
            raise CalibrationError(
                f"the gap between tags must measure 0.05 to 1 of a tag, which is {self.square} m; "
                f"got {self.marker} m"
            )
        if self.kind == "chessboard":
            return
        if not hasattr(cv2.aruco, self.dictionary) or not self.dictionary.startswith("DICT_"):
            valid = sorted({name for name in dir(cv2.aruco) if name.startswith("DICT_")})
            raise CalibrationError(f"dictionary {self.dictionary!r} is unknown; valid: {', '.join(valid)}")
        markers = self.columns * self.rows // (2 if self.kind == "charuco" else 1)
        held = len(self.markers().bytesList)
        if markers > held:
            raise CalibrationError(
                f"{self.columns}x{self.rows} needs {markers} markers, {self.dictionary} has {held}"
            )

    @classmethod
    def parse(cls, text: str) -> Board:
        """A board in the form `charuco:9x6:0.03:0.022:DICT_5X5_250`.  Raises CalibrationError."""
        kind, *parts = text.strip().split(":")
        lengths = 1 if kind == "chessboard" else 2
        if kind not in KINDS or not 1 + lengths <= len(parts) <= 2 * lengths:
            raise CalibrationError(f"expected a board as {_FORM}; got {text!r}")
        try:
            columns, rows = (int(count) for count in parts[0].lower().split("x"))
            sizes = [float(length) for length in parts[1 : 1 + lengths]]
        except ValueError as error:
            raise CalibrationError(f"expected a board as {_FORM}; got {text!r}") from error
        named = parts[1 + lengths] if len(parts) > 1 + lengths else _DEFAULT_DICTIONARY[kind]
        return cls(kind, columns, rows, sizes[0], sizes[1] if lengths == 2 else 0.0, named)

    def __str__(self) -> str:
        parts = [self.kind, f"{self.columns}x{self.rows}", f"{self.square:g}"]
        if self.kind != "chessboard":
            parts += [f"{self.marker:g}", self.dictionary]
        return ":".join(parts)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the pattern [m]."""
        if self.kind == "aprilgrid":
            step = self.square + self.marker
            return self.columns * step - self.marker, self.rows * step - self.marker
        return self.columns * self.square, self.rows * self.square

    @property
    def points(self) -> NDArray[np.float64]:
        """What is looked for, shape (n, 3) [m], by id: inner corners, or corners of tags."""
        if self.kind == "aprilgrid":
            return np.concatenate([np.asarray(tag, np.float64) for tag in self.grid().getObjPoints()])
        x, y = np.meshgrid(np.arange(1, self.columns), np.arange(1, self.rows))
        flat = np.stack([x, y, 0 * x], axis=-1).reshape(-1, 3)
        return cast("NDArray[np.float64]", flat * self.square)

    def markers(self) -> cv2.aruco.Dictionary:
        """The dictionary of a charuco or aprilgrid."""
        return cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, self.dictionary))

    def charuco(self) -> cv2.aruco.CharucoBoard:
        """OpenCV's idea of a charuco board."""
        return cv2.aruco.CharucoBoard((self.columns, self.rows), self.square, self.marker, self.markers())

    def grid(self) -> cv2.aruco.GridBoard:
        """OpenCV's idea of an aprilgrid."""
        return cv2.aruco.GridBoard((self.columns, self.rows), self.square, self.marker, self.markers())

    def draw(self, pixels_per_metre: float, margin: float) -> NDArray[np.uint8]:
        """The board to print, grey, with a white margin [m] on all sides, shape (height, width)."""
        width, height = (round(side * pixels_per_metre) for side in self.size)
        edge = round(margin * pixels_per_metre)
        if self.kind == "chessboard":
            down, along = np.indices((height, width))
            step = self.square * pixels_per_metre
            even = ((along // step).astype(int) + (down // step).astype(int)) % 2 == 0
            picture = np.where(even, 0, 255).astype(np.uint8)
        else:
            drawn = self.charuco() if self.kind == "charuco" else self.grid()
            picture = np.asarray(drawn.generateImage((width, height)), np.uint8)
        return np.pad(picture, edge, constant_values=255)
