from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from rendered_boards import BOARD, FISHEYE, PINHOLE, exact_views, pictures
from typer.testing import CliRunner

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.intrinsics.calibrate import calibrate_intrinsics
from cairn.calibration.intrinsics.limits import IntrinsicLimits
from cairn.calibration.intrinsics.saving import save_intrinsics
from cairn.cli.calibrate import app
from cairn.hardware.camera_calibration import load_camera_model


def test_good_intrinsics_are_saved_as_ros_reads_them(tmp_path: Path) -> None:
    result = calibrate_intrinsics(exact_views(FISHEYE, 20))
    path = tmp_path / "deep" / "front.yaml"
    save_intrinsics(path, "front", BOARD, result)
    assert load_camera_model(path) == result.camera
    document = yaml.safe_load(path.read_text())
    # What camera_calibration_parsers asks for, each of its size.
    sizes = {
        "camera_matrix": 9,
        "distortion_coefficients": 4,
        "rectification_matrix": 9,
        "projection_matrix": 12,
    }
    for name, size in sizes.items():
        assert len(document[name]["data"]) == size == document[name]["rows"] * document[name]["cols"]
    assert document["distortion_model"] == "equidistant"
    assert document["calibration"]["interval_95"]["fx"] == pytest.approx(
        result.intervals["fx"].half_width, 1e-3
    )


def test_bad_intrinsics_are_not_saved_and_the_old_ones_stay(tmp_path: Path) -> None:
    result = calibrate_intrinsics(exact_views(PINHOLE, 20), IntrinsicLimits(held_out=0.01))
    path = tmp_path / "front.yaml"
    path.write_text("old")
    with pytest.raises(CalibrationError, match=r"not saved: held-out views are off by 0\.1"):
        save_intrinsics(path, "front", BOARD, result)
    assert path.read_text() == "old"


def test_a_folder_of_photos_becomes_a_file_and_a_report(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CAIRN_CALIBRATION", str(tmp_path / "kept"))
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, image in enumerate(pictures(PINHOLE, 14, 8)):
        cv2.imwrite(str(photos / f"{number:02d}.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    cv2.imwrite(str(photos / "wall.png"), np.full((480, 640, 3), 90, np.uint8))
    page = tmp_path / "page.html"
    words = ["intrinsics", str(photos), "--camera", "cam-7", "--lens", "plumb_bob"]
    words += ["--report", str(page), "--json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["problems"] == []
    assert abs(told["camera"]["fx"] - PINHOLE.fx) < 0.003 * PINHOLE.fx
    assert load_camera_model(tmp_path / "kept" / "cam-7.yaml").fx == pytest.approx(told["camera"]["fx"])
    text = page.read_text()
    assert "Intrinsics of cam-7" in text
    assert text.count("data:image/png;base64,") == 3
    assert "wall.png" not in told["outliers"]


def test_swapped_rows_and_columns_end_the_command_with_their_name(tmp_path: Path) -> None:
    for number, image in enumerate(pictures(PINHOLE, 4)):
        cv2.imwrite(str(tmp_path / f"{number}.png"), image)
    words = ["intrinsics", str(tmp_path), "--camera", "x", "--board", "charuco:6x9:0.03:0.022"]
    with pytest.raises(CalibrationError, match="rows and columns are swapped"):
        CliRunner().invoke(app, words, catch_exceptions=False)


def test_the_board_to_print_has_its_true_size(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "board.png"
    done = CliRunner().invoke(app, ["board", str(path)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "270 x 180 mm" in done.stdout
    with Image.open(path) as image:
        width, height = (
            pixels / dots * 25.4 for pixels, dots in zip(image.size, image.info["dpi"], strict=True)
        )
    assert (width, height) == (pytest.approx(290, abs=0.3), pytest.approx(200, abs=0.3))
