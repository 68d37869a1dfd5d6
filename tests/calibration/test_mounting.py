from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from rendered_boards import BOARD, PINHOLE, exact_views, poses, render
from scipy.spatial.transform import Rotation
from typer.testing import CliRunner

from cairn.calibration.board.board_pose import board_pose
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.camera_info_file import camera_info_document, write_yaml
from cairn.calibration.hand_eye.pose_table import write_poses
from cairn.calibration.hand_eye.station import Station
from cairn.calibration.mounting.from_board import PlacingError, mounting_from_board
from cairn.calibration.rigid import moved
from cairn.calibration.transform_file import read_transform
from cairn.cli.calibrate import app
from cairn.hardware.arm.kinematics import pose_error

AHEAD = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
EYE = np.eye(4)
EYE[:3, :3] = Rotation.from_euler("xyz", [2.0, 12.0, 0.0], degrees=True).as_matrix() @ AHEAD
EYE[:3, 3] = 0.2, 0.03, 0.55


def places(seed: int, way: float = 0.003, turn: float = 0.3, count: int = 6) -> list[Station]:
    random = np.random.default_rng(seed)
    made = []
    for view, seen in zip(exact_views(PINHOLE, count, seed), poses(PINHOLE, count, seed), strict=True):
        step = random.normal(0, 1, 6) * np.repeat([np.radians(turn), way], 3)
        made.append(Station(view.name, moved(EYE @ seen, step), board_pose(PINHOLE, view.detection)))
    return made


def test_height_pitch_and_roll_are_found_with_their_intervals() -> None:
    held = []
    for seed in range(8):
        result = mounting_from_board(places(seed))
        assert result.problems == ()
        off, turned = pose_error(result.eye, EYE)
        assert off < 0.01
        assert np.degrees(turned) < 0.6
        held += [result.height.holds(0.55), result.pitch.holds(12.0), result.roll.holds(2.0)]
        assert 0.3 < 1000 * result.height.half_width < 8
    assert np.mean(held) > 0.85


def test_more_places_make_it_surer() -> None:
    few, many = (mounting_from_board(places(1, count=count)) for count in (3, 12))
    assert many.pitch.half_width < 0.7 * few.pitch.half_width


def test_places_that_disagree_are_refused() -> None:
    result = mounting_from_board(places(1, way=0.04, turn=4.0), PlacingError(0.003, 0.3))
    assert any("measure them anew, or was the camera moved?" in problem for problem in result.problems)
    with pytest.raises(CalibrationError, match="at least one place"):
        mounting_from_board([])


def test_a_folder_of_places_becomes_a_transform_and_a_report(tmp_path: Path) -> None:
    seen = poses(PINHOLE, 4, 9)
    for number, image in enumerate(render(PINHOLE, seen)):
        cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    write_poses(tmp_path, {f"{number}.png": EYE @ pose for number, pose in enumerate(seen)})
    write_yaml(tmp_path / "lens.yaml", camera_info_document(PINHOLE, "front"))
    target, page = tmp_path / "front.tf.yaml", tmp_path / "page.html"
    words = ["mounting", str(tmp_path), "--camera", "front", "--intrinsics", str(tmp_path / "lens.yaml")]
    words += ["--output", str(target), "--report", str(page), "--board", str(BOARD)]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert "height 0.55" in done.stdout
    kept = read_transform(target)
    assert (kept.parent, kept.child) == ("base_link", "front_optical")
    assert pose_error(kept.pose, EYE)[0] < 0.002
    assert "front_optical in base_link" in page.read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,x\n1.png,2\n", "expected the columns image, x, y, z, qx, qy, qz, qw"),
        ("image,x,y,z,qx,qy,qz,qw\n0.png,1,2,three,0,0,0,1\n", "0.png: expected 7 numbers"),
        ("image,x,y,z,qx,qy,qz,qw\n0.png,1,2,3,0,0,0,2\n", "a unit quaternion"),
        ("image,x,y,z,qx,qy,qz,qw\nlost.png,1,2,3,0,0,0,1\n", "names images that are not there: lost.png"),
    ],
)
def test_a_bad_table_of_poses_is_refused(tmp_path: Path, text: str, message: str) -> None:
    cv2.imwrite(str(tmp_path / "0.png"), np.zeros((480, 640, 3), np.uint8))
    (tmp_path / "poses.csv").write_text(text)
    write_yaml(tmp_path / "lens.yaml", camera_info_document(PINHOLE, "front"))
    words = ["mounting", str(tmp_path), "--camera", "x", "--intrinsics", str(tmp_path / "lens.yaml")]
    with pytest.raises(CalibrationError, match=message):
        CliRunner().invoke(app, words, catch_exceptions=False)
