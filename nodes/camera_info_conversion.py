"""Camera models and ROS camera info messages."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from sensor_msgs.msg import CameraInfo

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError


def camera_info_from_model(model: CameraModel, frame_id: str, stamp: Time) -> CameraInfo:
    """The message of a monocular, unrectified camera."""
    info = CameraInfo(width=model.width, height=model.height, distortion_model=model.distortion_model)
    info.header.stamp = stamp
    info.header.frame_id = frame_id
    info.d = list(model.distortion)
    info.k = [model.fx, 0.0, model.cx, 0.0, model.fy, model.cy, 0.0, 0.0, 1.0]
    info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    info.p = [model.fx, 0.0, model.cx, 0.0, 0.0, model.fy, model.cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info


def model_from_camera_info(info: CameraInfo) -> CameraModel:
    """The intrinsics in a message.  Raises CairnError when it is uncalibrated or of an unknown model."""
    if info.k[0] == 0.0:  # by sensor_msgs/CameraInfo, the mark of an uncalibrated camera
        raise CairnError(f"the camera info of {info.header.frame_id!r} is uncalibrated (K[0] is 0)")
    distortion = tuple(float(value) for value in info.d)
    model = info.distortion_model or "plumb_bob"
    if model == "plumb_bob" and not distortion:
        distortion = (0.0,) * 5
    return CameraModel(
        width=info.width,
        height=info.height,
        fx=float(info.k[0]),
        fy=float(info.k[4]),
        cx=float(info.k[2]),
        cy=float(info.k[5]),
        distortion_model=model,
        distortion=distortion,
    )
