from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendered_boards import BOARD, FISHEYE, PINHOLE, exact_views, poses, render

from cairn.calibration.board.board import Board
from cairn.calibration.board.board_pose import board_pose
from cairn.calibration.board.detector import BoardDetector
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.rigid import difference
from cairn.hardware.arm.kinematics import pose_error
from cairn.hardware.lens_projection import project


@pytest.mark.parametrize("camera", [PINHOLE, FISHEYE], ids=["pinhole", "fisheye"])
@pytest.mark.parametrize("text", ["charuco:9x6:0.03:0.022", "aprilgrid:6x4:0.045:0.0135"])
def test_points_are_found_where_they_are_and_give_the_pose(camera, text: str) -> None:
    board = Board.parse(text)
    chosen = poses(camera, 3, 5, board)
    detector = BoardDetector(board)
    for pose, image in zip(chosen, render(camera, chosen, board), strict=True):
        found = detector.detect(image)
        assert found is not None
        assert len(found) > 0.4 * len(board.points)
        away = found.pixels - project(camera, found.points @ pose[:3, :3].T + pose[:3, 3])
        # Tags have no saddle points: blur draws their corners inwards.
        limit = 0.15 if board.kind == "charuco" else 0.8
        assert np.median(np.linalg.norm(away, axis=1)) < limit
        assert 1.0 < found.blur < 3.5
        off, turned = pose_error(board_pose(camera, found).pose, pose)
        assert off < (0.003 if board.kind == "charuco" else 0.01)
        assert np.degrees(turned) < (0.6 if board.kind == "charuco" else 2.0)


def test_a_chessboard_is_found() -> None:
    board = Board.parse("chessboard:9x6:0.03")
    chosen = poses(PINHOLE, 8, 5, board)
    whole = [
        pose
        for pose in chosen
        if np.isfinite(pixels := project(PINHOLE, board.points @ pose[:3, :3].T + pose[:3, 3])).all()
        and (pixels > 25).all()
        and (pixels < (615, 455)).all()
    ]
    found = BoardDetector(board).detect(render(PINHOLE, whole[:1], board)[0])
    assert found is not None
    assert board_pose(PINHOLE, found).rms < 0.2


def test_an_empty_image_has_no_board_and_a_wrong_one_is_refused() -> None:
    detector = BoardDetector(BOARD)
    assert detector.detect(np.full((480, 640, 3), 128, np.uint8)) is None
    with pytest.raises(CalibrationError, match=r"expected an image uint8 .* got float64 \(4, 4\)"):
        detector.detect(np.zeros((4, 4)))


def test_a_pose_is_asked_of_the_right_camera() -> None:
    image = render(PINHOLE, poses(PINHOLE, 1, 2))[0]
    found = BoardDetector(BOARD).detect(image[:400].copy())
    assert found is not None
    with pytest.raises(
        CalibrationError, match="the image is 640x400, the camera's calibration is for 640x480"
    ):
        board_pose(PINHOLE, found)


@pytest.mark.parametrize("camera", [PINHOLE, FISHEYE], ids=["pinhole", "fisheye"])
def test_the_pose_says_how_it_hangs_on_the_lens(camera) -> None:
    detection = exact_views(camera, 1, 7)[0].detection
    found = board_pose(camera, detection)
    step = 0.5
    other = board_pose(replace(camera, fx=camera.fx + step, cy=camera.cy - step), detection)
    expected = found.by_lens[:, 0] * step - found.by_lens[:, 3] * step
    assert difference(other.pose, found.pose) == pytest.approx(expected, abs=0.03 * np.abs(expected).max())
