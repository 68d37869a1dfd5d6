from __future__ import annotations

import cv2
import numpy as np
import pytest

rs = pytest.importorskip("pyrealsense2", reason="needs pyrealsense2 and libusb-1.0", exc_type=ImportError)

from software_realsense import intrinsics  # noqa: E402

from cairn.hardware.errors import CairnError  # noqa: E402
from cairn.hardware.realsense_distortion import camera_model  # noqa: E402

MILD = (0.1, -0.05, 0.001, 0.002, 0.01)


@pytest.mark.parametrize(
    ("distortion", "coefficients", "name", "expected"),
    [
        (rs.distortion.none, (0,) * 5, "plumb_bob", (0,) * 5),
        (rs.distortion.brown_conrady, MILD, "plumb_bob", MILD),
        (rs.distortion.inverse_brown_conrady, (0,) * 5, "plumb_bob", (0,) * 5),
        (rs.distortion.kannala_brandt4, (0.1, 0.2, 0.3, 0.4, 0), "equidistant", (0.1, 0.2, 0.3, 0.4)),
    ],
)
def test_models_with_a_ros_name_keep_their_coefficients(distortion, coefficients, name, expected) -> None:  # type: ignore[no-untyped-def]
    model = camera_model(intrinsics(distortion, coefficients))
    assert model.distortion_model == name
    assert model.distortion == pytest.approx(expected)
    assert (model.width, model.height, model.fx, model.cx, model.cy) == (64, 48, 60.0, 32.5, 23.5)


@pytest.mark.parametrize(
    "distortion", [rs.distortion.inverse_brown_conrady, rs.distortion.modified_brown_conrady]
)
def test_models_without_a_ros_name_are_fitted(distortion) -> None:  # type: ignore[no-untyped-def]
    made = intrinsics(distortion, MILD)
    model = camera_model(made)
    matrix = np.array([[model.fx, 0, model.cx], [0, model.fy, model.cy], [0, 0, 1.0]])
    pixels = [(3.0, 4.0), (60.0, 5.0), (32.0, 24.0), (10.0, 44.0)]
    rays = np.array([rs.rs2_deproject_pixel_to_point(made, list(pixel), 1.0) for pixel in pixels])
    projected, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), matrix, np.array(model.distortion))
    assert np.abs(projected.reshape(-1, 2) - np.array(pixels)).max() < 0.1


def test_models_that_ros_cannot_express_are_refused() -> None:
    with pytest.raises(CairnError, match="'ftheta' has no ROS equivalent; valid: none, brown_conrady"):
        camera_model(intrinsics(rs.distortion.ftheta, MILD))
    # folds over at the corners; bends more than the five coefficients can follow
    with pytest.raises(CairnError, match=r"can't be expressed as plumb_bob: expected at most 0\.5 pixels"):
        camera_model(intrinsics(rs.distortion.inverse_brown_conrady, (-3.0, 8.0, 0.5, 0.5, 20.0)))
