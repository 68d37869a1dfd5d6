from __future__ import annotations

from pathlib import Path

import pytest

from cairn.hardware.camera_settings import CameraSettings
from cairn.hardware.errors import CairnError
from cairn.hardware.file_camera import FileCamera
from cairn.hardware.realsense_camera import RealSenseCamera
from cairn.hardware.uvc_camera import UvcCamera


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (CameraSettings("realsense"), RealSenseCamera),
        (CameraSettings("realsense", "drive.db3"), RealSenseCamera),
        (CameraSettings("uvc", "usb-Maker-video-index0", horizontal_fov=78.0), UvcCamera),
        (CameraSettings("file", "images", horizontal_fov=78.0), FileCamera),
    ],
)
def test_makes_the_driver_asked_for(settings: CameraSettings, kind: type) -> None:
    assert type(settings.make_camera()) is kind


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"driver": "webcam"}, "driver: expected str one of realsense, uvc, file, got 'webcam'"),
        ({"driver": "uvc", "horizontal_fov": 78.0}, "'uvc' needs the setting device: a name in /dev/v4l"),
        ({"driver": "uvc", "device": "x"}, "needs either calibration .* or horizontal_fov"),
        ({"driver": "file", "device": "x", "horizontal_fov": 1.0, "calibration": "c"}, "needs either"),
        ({"driver": "realsense", "rate": 29.5}, r"rate is a whole number, got 29\.5"),
        ({"driver": "realsense", "horizontal_fov": 69.0}, "brings its own calibration"),
        ({"driver": "file", "device": "x", "width": 4}, "width: expected int from 16 to 8192, got 4"),
        ({"driver": "file", "device": "x", "calibration": "absent.yaml"}, r"got absent\.yaml"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(CairnError, match=message):
        CameraSettings(**changes).make_camera()  # type: ignore[arg-type]


def test_a_calibration_of_another_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "camera.yaml"
    path.write_text(
        "image_width: 320\nimage_height: 240\n"
        "camera_matrix: {data: [300, 0, 160, 0, 300, 120, 0, 0, 1]}\n"
        "distortion_coefficients: {data: [0, 0, 0, 0, 0]}\n"
    )
    settings = CameraSettings("file", "images", calibration=str(path))
    with pytest.raises(CairnError, match="is of a 320x240 camera, but width and height ask for 640x480"):
        settings.make_camera()
