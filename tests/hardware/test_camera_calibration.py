from __future__ import annotations

from pathlib import Path

import pytest

from cairn.hardware.camera_calibration import load_camera_model
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError

VALID = """
image_width: 640
image_height: 480
camera_name: front
camera_matrix: {rows: 3, cols: 3, data: [600.0, 0, 320.5, 0, 601.0, 240.5, 0, 0, 1]}
distortion_model: plumb_bob
distortion_coefficients: {rows: 1, cols: 5, data: [0.1, -0.2, 0.001, 0.002, 0]}
rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "camera.yaml"
    path.write_text(text)
    return path


def test_reads_what_camera_calibration_writes(tmp_path: Path) -> None:
    assert load_camera_model(write(tmp_path, VALID)) == CameraModel(
        640, 480, 600.0, 601.0, 320.5, 240.5, "plumb_bob", (0.1, -0.2, 0.001, 0.002, 0.0)
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("640", "wide", "image_width must be a whole number of pixels, got 'wide'"),
        ("plumb_bob", "fisheye", "distortion_model 'fisheye' is unknown; valid: "),
        ("0.002, 0]", "0.002]", r"distortion_coefficients.data must be 5 numbers, got \[0.1"),
        ("[600.0", "[-600.0", "focal lengths must be positive, got fx=-600.0"),
        ("camera_matrix", "matrix", "camera_matrix.data must be 9 numbers, got None"),
        ("image_width: 640", "[", "expected a camera calibration file, got "),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(CairnError, match=message):
        load_camera_model(write(tmp_path, VALID.replace(old, new)))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CairnError, match=r"absent\.yaml"):
        load_camera_model(tmp_path / "absent.yaml")
