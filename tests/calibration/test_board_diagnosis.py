from __future__ import annotations

import numpy as np
import pytest
from rendered_boards import FISHEYE, PINHOLE, pictures

from cairn.calibration.board.board import Board
from cairn.calibration.board.diagnosis import diagnose


@pytest.mark.parametrize("camera", [PINHOLE, FISHEYE], ids=["pinhole", "fisheye"])
@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("charuco:9x6:0.03:0.022", ""),
        ("charuco:6x9:0.03:0.022", "rows and columns are swapped: the board in the images has 9x6 squares"),
        ("charuco:8x5:0.03:0.022", "8x5 are its inner corners, and squares are to be counted"),
        ("charuco:7x5:0.03:0.022", "wrong board size: the board in the images has 9x6, but 7x5 was said"),
        ("charuco:9x5:0.03:0.022", "wrong board size: the board in the images has 9x6, but 9x5 was said"),
        ("charuco:9x6:0.03:0.022:DICT_6X6_250", "markers are of DICT_5X5_1000, not of DICT_6X6_250"),
        ("charuco:9x6:0.03:0.017", "of a square in the images, but 0.57 was said"),
    ],
)
def test_what_is_wrong_with_a_board_is_named(camera, said: str, named: str) -> None:
    told = diagnose(Board.parse(said), pictures(camera, 4))
    assert told == named or (named and named in told)


def test_mirrored_images_are_named() -> None:
    flipped = [np.ascontiguousarray(image[:, ::-1]) for image in pictures(PINHOLE, 4)]
    assert diagnose(Board(), flipped).startswith("the images are mirrored")


def test_raw_bayer_data_are_named() -> None:
    raw = []
    for image in pictures(PINHOLE, 4):
        lit = (image * np.array([0.9, 0.7, 0.4])).astype(np.uint8)
        mosaic = lit[..., 1].copy()
        mosaic[::2, ::2], mosaic[1::2, 1::2] = lit[::2, ::2, 0], lit[1::2, 1::2, 2]
        raw.append(mosaic)
    assert diagnose(Board(), raw).startswith("wrong encoding: the images look like raw Bayer data")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("chessboard:8x5:0.03", "8x5 are its inner corners, and squares are to be counted"),
        ("chessboard:7x7:0.03", "wrong board size: a chessboard of "),
    ],
)
def test_what_is_wrong_with_a_chessboard_is_named(said: str, named: str) -> None:
    images = pictures(PINHOLE, 4, 11, Board.parse("chessboard:9x6:0.03"))
    assert named in diagnose(Board.parse(said), images)
