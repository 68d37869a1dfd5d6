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
        ("0.002, 0]", "0.002]", r"distortion_coefficients.data must be 5 finite numbers, got \[0.1"),
        ("[600.0", "[-600.0", "focal lengths must be positive, got fx=-600.0"),
        ("camera_matrix", "matrix", "camera_matrix.data must be 9 finite numbers, got None"),
        ("600.0, 0, 320.5", "600.0, .nan, 320.5", r"camera_matrix.data must be 9 finite numbers, got \[600"),
        ("0.002, 0]", "0.002, .inf]", "distortion_coefficients.data must be 5 finite numbers"),
        ("600.0, 0, 320.5", "600.0, 3, 320.5", "camera_matrix must be fx 0 cx, 0 fy cy, 0 0 1, got"),
        ("320.5", "720.5", r"principal point must lie in the image of 640x480 pixels, got \(720.5, 240.5\)"),
        ("image_height: 480", "", "image_height must be a whole number of pixels, got None"),
        ("distortion_coefficients", "d", "distortion_coefficients.data must be 5 finite numbers, got None"),
        ("plumb_bob", "equidistant", "distortion_coefficients.data must be 4 finite numbers"),
        ("image_width: 640", "[", "expected a camera calibration file, got "),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(CairnError, match=message):
        load_camera_model(write(tmp_path, VALID.replace(old, new)))


@pytest.mark.parametrize(
    ("model", "coefficients"),
    [
        ("plumb_bob", (0.1, -0.2, 0.001, 0.002, 0.0)),
        ("rational_polynomial", (0.1, -0.2, 0.001, 0.002, 0.0, 0.3, -0.1, 0.01)),
        ("equidistant", (-0.0385, -0.0105, 0.0039, -0.001)),
    ],
)
def test_reads_all_models_of_ros(tmp_path: Path, model: str, coefficients: tuple[float, ...]) -> None:
    text = VALID.replace("plumb_bob", model).replace("[0.1, -0.2, 0.001, 0.002, 0]", str(list(coefficients)))
    loaded = load_camera_model(write(tmp_path, text))
    assert (loaded.distortion_model, loaded.distortion) == (model, coefficients)


def test_a_camera_is_scaled_with_its_pictures(tmp_path: Path) -> None:
    camera = load_camera_model(write(tmp_path, VALID))
    half = camera.scaled(320, 240)
    assert half == CameraModel(
        320, 240, 300.0, 300.5, 160.25, 120.25, "plumb_bob", (0.1, -0.2, 0.001, 0.002, 0.0)
    )
    with pytest.raises(CairnError, match=r"the image is 640x360, but .* the proportions of 640x480"):
        camera.scaled(640, 360)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CairnError, match=r"absent\.yaml"):
        load_camera_model(tmp_path / "absent.yaml")
