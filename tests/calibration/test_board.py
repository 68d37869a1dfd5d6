from __future__ import annotations

import numpy as np
import pytest

from cairn.calibration.board.board import Board
from cairn.calibration.calibration_error import CalibrationError


@pytest.mark.parametrize(
    ("text", "board"),
    [
        ("charuco:9x6:0.03:0.022", Board()),
        ("charuco:5x7:0.04:0.03:DICT_4X4_50", Board("charuco", 5, 7, 0.04, 0.03, "DICT_4X4_50")),
        ("chessboard:9x6:0.025", Board("chessboard", 9, 6, 0.025, 0.0, "")),
        ("aprilgrid:6x6:0.088:0.0264", Board("aprilgrid", 6, 6, 0.088, 0.0264, "DICT_APRILTAG_36h11")),
    ],
)
def test_a_board_is_read_from_text_and_written_to_it(text: str, board: Board) -> None:
    assert Board.parse(text) == board
    assert Board.parse(str(board)) == board


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("charuco", "expected a board as charuco:COLUMNSxROWS:SQUARE:MARKER"),
        ("circles:5x5:0.1", "expected a board as"),
        ("charuco:9:0.03:0.022", "expected a board as"),
        ("charuco:9x6:0.03:0.04", "must measure 0.3 to 0.95 of a square"),
        ("charuco:2x6:0.03:0.02", "3 to 60 columns and rows, got 2x6"),
        ("charuco:9x6:0.03:0.022:DICT_9X9", "dictionary 'DICT_9X9' is unknown; valid: DICT_4X4_100"),
        ("charuco:20x20:0.03:0.022:DICT_4X4_50", "needs 200 markers, DICT_4X4_50 has 50"),
        ("chessboard:9x6:nan", "squares must measure 0.0001 to 2 m, got nan m"),
    ],
)
def test_a_board_that_there_cannot_be_is_refused(text: str, message: str) -> None:
    with pytest.raises(CalibrationError, match=message):
        Board.parse(text)


@pytest.mark.parametrize(
    "text", ["charuco:9x6:0.03:0.022", "chessboard:9x6:0.03", "aprilgrid:6x4:0.04:0.012"]
)
def test_the_drawing_has_its_points_where_the_board_says(text: str) -> None:
    board, margin, scale = Board.parse(text), 0.01, 5000.0
    picture = board.draw(scale, margin)
    width, height = board.size
    assert picture.shape == (round((height + 0.02) * scale), round((width + 0.02) * scale))
    for x, y, _ in board.points:
        column, row = round((x + margin) * scale), round((y + margin) * scale)
        patch = picture[row - 4 : row + 4, column - 4 : column + 4]
        assert np.ptp(patch) == 255, "a point is where black meets white"
