from __future__ import annotations

import pytest
from builtin_interfaces.msg import Time
from sensor_msgs.msg import CameraInfo

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.nodes.camera_info_conversion import camera_info_from_model, model_from_camera_info


@pytest.mark.parametrize(
    "model",
    [
        CameraModel.pinhole(640, 480, 120),
        CameraModel(64, 48, 60, 61, 32, 24, "plumb_bob", (0.1, 0.2, 0.3, 0.4, 0.5)),
        CameraModel(64, 48, 60, 61, 32, 24, "equidistant", (0.1, 0.2, 0.3, 0.4)),
    ],
)
def test_a_model_survives_the_way_there_and_back(model: CameraModel) -> None:
    info = camera_info_from_model(model, "camera_optical", Time(sec=3))
    assert model_from_camera_info(info) == model
    assert (info.header.stamp.sec, info.header.frame_id) == (3, "camera_optical")
    assert list(info.p) == [model.fx, 0, model.cx, 0, 0, model.fy, model.cy, 0, 0, 0, 1, 0]
    assert list(info.r) == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_no_distortion_at_all_is_a_pinhole() -> None:
    info = camera_info_from_model(CameraModel.pinhole(64, 48, 90), "camera_optical", Time())
    info.d, info.distortion_model = [], ""
    assert model_from_camera_info(info).distortion == (0.0,) * 5


def test_an_uncalibrated_or_unknown_camera_is_refused() -> None:
    blank = CameraInfo()
    blank.header.frame_id = "front"
    with pytest.raises(CairnError, match="camera info of 'front' is uncalibrated"):
        model_from_camera_info(blank)
    info = camera_info_from_model(CameraModel.pinhole(64, 48, 90), "front", Time())
    info.distortion_model = "thin_prism"
    with pytest.raises(CairnError, match="'thin_prism' is unknown; valid: "):
        model_from_camera_info(info)
