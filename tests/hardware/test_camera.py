from __future__ import annotations

import numpy as np
import pytest

from cairn.hardware.camera import CameraFrame
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError


def test_a_frame_is_made_contiguous_and_frozen() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    frame = CameraFrame(image[:, ::-1], 1.0, 0, "camera_optical")
    assert frame.image.flags.c_contiguous
    assert not frame.image.flags.writeable
    assert np.array_equal(frame.image, image[:, ::-1])


@pytest.mark.parametrize(
    ("image", "stamp", "message"),
    [
        (np.zeros((2, 2, 3), np.float32), 0.0, "must be uint8 .* got float32"),
        (np.zeros((2, 2), np.uint8), 0.0, r"got uint8 \(2, 2\)"),
        (np.zeros((2, 2, 3), np.uint8), float("nan"), "stamp must be finite, got nan"),
    ],
)
def test_a_wrong_frame_is_refused(image: np.ndarray, stamp: float, message: str) -> None:
    with pytest.raises(CairnError, match=message):
        CameraFrame(image, stamp, 0, "camera_optical")


def test_a_model_takes_as_many_coefficients_as_its_name_says() -> None:
    with pytest.raises(CairnError, match="equidistant takes 4 distortion coefficients, got 5"):
        CameraModel(64, 48, 60, 60, 32, 24, "equidistant")
    with pytest.raises(CairnError, match=r"'fisheye' is unknown; valid: \['equidistant'"):
        CameraModel(64, 48, 60, 60, 32, 24, "fisheye")
    assert CameraModel.pinhole(640, 480, 90).horizontal_fov == pytest.approx(90)
