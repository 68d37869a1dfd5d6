"""Why a board is not found, or not the one that was said."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.calibration.board.board import Board
from cairn.calibration.board.detector import to_gray

_LEAST_MARKERS = 5
_LARGEST = 24  # columns tried
_CLEARER = 0.5
_RATIO = 0.06
_FAMILIES = ("DICT_4X4_1000", "DICT_5X5_1000", "DICT_6X6_1000", "DICT_7X7_1000", "DICT_ARUCO_ORIGINAL")
_TAGS = ("DICT_APRILTAG_36h11", "DICT_APRILTAG_25h9", "DICT_APRILTAG_16h5")


def diagnose(board: Board, images: Sequence[NDArray[np.uint8]]) -> str:
    """What is wrong with the board's description or the images, in words; "" when nothing is seen to be.

    Named are: rows and columns swapped, another number of them, inner corners given for squares, another
    dictionary, markers of another size, a mirrored image, and raw Bayer data shown as grey.
    """
    grays = [to_gray(image) for image in images]
    if not grays:
        return ""
    if any(_is_bayer(gray) for gray in grays):
        return "wrong encoding: the images look like raw Bayer data; convert them to RGB or grey first"
    if board.kind == "chessboard":
        return _of_chessboard(board, grays)
    return _of_markers(board, grays)


def _of_markers(board: Board, grays: Sequence[NDArray[np.uint8]]) -> str:
    found = [_markers(board.dictionary, gray) for gray in grays]
    most = max(found, key=len)
    if len(most) < _LEAST_MARKERS:
        mirrored = max((_markers(board.dictionary, gray[:, ::-1].copy()) for gray in grays), key=len)
        if len(mirrored) >= _LEAST_MARKERS:
            return "the images are mirrored: the board's markers are found once an image is flipped"
        other = _other_dictionary(board, grays)
        if other:
            return f"the board's markers are of {other}, not of {board.dictionary}"
        return ""
    size = _size_on_board(board, found)
    if size is not None and size != (board.columns, board.rows):
        seen = f"{size[0]}x{size[1]}"
        if size == (board.rows, board.columns):
            return f"rows and columns are swapped: the board in the images has {seen} squares"
        if size == (board.columns + 1, board.rows + 1):
            return (
                f"the board in the images has {seen} squares; {board.columns}x{board.rows} are its inner "
                "corners, and squares are to be counted"
            )
        return (
            f"wrong board size: the board in the images has {seen}, but {board.columns}x{board.rows} was said"
        )
    return _of_ratio(board, most) if board.kind == "charuco" else ""


def _of_ratio(board: Board, markers: dict[int, NDArray[np.float64]]) -> str:
    """Whether markers are as large, against their squares, as was said: their pitch tells."""
    places = {marker: np.array(_charuco_place(board.columns, marker)) for marker in markers}
    ratios = []
    for marker, corners in markers.items():
        near = [
            other
            for other in markers
            if other != marker and np.abs(places[other] - places[marker]).max() <= 2
        ]
        if len(near) < 3:
            continue
        offsets = np.array([places[other] - places[marker] for other in near], float)
        moved = np.array([markers[other].mean(axis=0) - corners.mean(axis=0) for other in near])
        axes = np.linalg.lstsq(offsets, moved, rcond=None)[0]
        sides = np.array([corners[1] - corners[0], corners[3] - corners[0]])
        ratios.append(np.sqrt(abs(np.linalg.det(sides) / np.linalg.det(axes))))
    if len(ratios) < 4:
        return ""
    ratio, said = float(np.median(ratios)), board.marker / board.square
    if abs(ratio / said - 1) <= _RATIO:
        return ""
    return (
        f"the markers measure {ratio:.2f} of a square in the images, but {said:.2f} was said "
        f"({board.marker:g} of {board.square:g} m)"
    )


def _of_chessboard(board: Board, grays: Sequence[NDArray[np.uint8]]) -> str:
    said = (board.columns - 1, board.rows - 1)
    # The larger grid first: the smaller one is found within it.
    if _finds(grays, (board.columns, board.rows)):
        return (
            f"the board in the images has {board.columns + 1}x{board.rows + 1} squares; "
            f"{board.columns}x{board.rows} are its inner corners, and squares are to be counted"
        )
    if _finds(grays, said):
        return ""
    sizes = [(columns, rows) for columns in range(2, 15) for rows in range(2, columns + 1)]
    for columns, rows in sorted(sizes, key=lambda size: -size[0] * size[1]):
        if _finds(grays[:2], (columns, rows)):
            return (
                f"wrong board size: a chessboard of {columns + 1}x{rows + 1} squares is in the images, but "
                f"{board.columns}x{board.rows} was said"
            )
    return ""


def _finds(grays: Sequence[NDArray[np.uint8]], corners: tuple[int, int]) -> bool:
    flags = cv2.CALIB_CB_NORMALIZE_IMAGE
    return any(cv2.findChessboardCornersSB(gray, corners, flags=flags)[0] for gray in grays)


def _markers(dictionary: str, gray: NDArray[np.uint8]) -> dict[int, NDArray[np.float64]]:
    """Corners (4, 2) of each marker, by id."""
    known = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, dictionary))
    corners, ids, _ = cv2.aruco.ArucoDetector(known, cv2.aruco.DetectorParameters()).detectMarkers(gray)
    if ids is None:
        return {}
    return {
        int(marker): np.asarray(four, np.float64).reshape(4, 2)
        for marker, four in zip(np.asarray(ids).ravel(), corners, strict=True)
    }


def _other_dictionary(board: Board, grays: Sequence[NDArray[np.uint8]]) -> str:
    counts = {
        name: max(len(_markers(name, gray)) for gray in grays)
        for name in (*_FAMILIES, *_TAGS)
        if name != board.dictionary
    }
    name = max(counts, key=lambda one: counts[one])
    return name if counts[name] >= _LEAST_MARKERS else ""


def _size_on_board(board: Board, found: Sequence[dict[int, NDArray[np.float64]]]) -> tuple[int, int] | None:
    """Columns and rows with which the markers' ids lie where markers were found; None where it can't be told.

    Only the columns decide where an id is; the rows follow from the highest id seen.
    """
    views = [markers for markers in found if len(markers) >= _LEAST_MARKERS]
    errors = {
        columns: float(np.median([_misfit(board.kind, columns, markers) for markers in views]))
        for columns in range(3, _LARGEST)
    }
    best = min(errors, key=lambda columns: errors[columns])
    if errors[board.columns] <= errors[best] / _CLEARER:
        best = board.columns
    highest = max(max(markers) for markers in views)
    _, row = _place(board.kind, best, highest)
    rows = row + 1
    if best == board.columns:
        # Rows not seen may be hidden; only more of them than there should be are a contradiction.
        rows = max(rows, board.rows)
    elif {best, rows} <= {board.columns, board.rows} or best == board.rows:
        rows = board.columns
    return best, rows


def _misfit(kind: str, columns: int, markers: dict[int, NDArray[np.float64]]) -> float:
    """How far markers are from where an id's place would have them, in units of the board's spread."""
    places = np.array([_place(kind, columns, marker) for marker in markers], np.float64)
    centres = np.array([corners.mean(axis=0) for corners in markers.values()])
    if np.linalg.matrix_rank(places - places.mean(axis=0)) < 2:
        return float("inf")
    terms = np.column_stack([places, places**2, places[:, :1] * places[:, 1:], np.ones(len(places))])
    if len(places) < 9:
        terms = np.column_stack([places, np.ones(len(places))])
    left = centres - terms @ np.linalg.lstsq(terms, centres, rcond=None)[0]
    freedom = max(1, len(places) - terms.shape[1])
    return float(np.sqrt((left**2).sum() / freedom) / max(1e-9, centres.std()))


def _place(kind: str, columns: int, marker: int) -> tuple[int, int]:
    if kind == "aprilgrid":
        return marker % columns, marker // columns
    return _charuco_place(columns, marker)


def _charuco_place(columns: int, marker: int) -> tuple[int, int]:
    """Column and row of the white square with this marker: rows begin with a black square, then a white."""
    short, long = columns // 2, (columns + 1) // 2
    pair, rest = divmod(marker, short + long)
    if rest < short:
        return 2 * rest + 1, 2 * pair
    return 2 * (rest - short), 2 * pair + 1


def _is_bayer(gray: NDArray[np.uint8]) -> bool:
    """A picture that flickers from pixel to pixel in a period of two, nearly everywhere."""
    even = gray[: gray.shape[0] // 2 * 2, : gray.shape[1] // 2 * 2].astype(np.float32)
    phases = np.stack([even[row::2, column::2] for row in (0, 1) for column in (0, 1)])
    flicker = float(np.median(np.ptp(phases, axis=0)))
    smooth = float(np.median(np.abs(np.diff(phases[0], axis=1))))
    return flicker > 10 and flicker > 4 * smooth
