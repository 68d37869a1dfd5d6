"""Messages of an arm made from numbers, without ROS."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.episodes.message_factory import MessageFactory

BASE, OPTICAL = "base_link", "camera_optical"
_HEADER = "std_msgs/Header header\n"
DEFINITIONS = {
    "cairn_interfaces/msg/ArmState": _HEADER
    + "string[] names\nfloat64[] positions\nfloat64[] velocities\nfloat64[] efforts\nfloat32 opening\n"
    "float32 grip\nbool has_torque\nstring[] faults\n",
    "cairn_interfaces/msg/ArmGateStatus": "uint8 STOPPED=0\nuint8 DRIVING=1\nuint8 LATCHED=2\n"
    + _HEADER
    + "uint8 state\nstring reason\nstring source\nstring phase\nbool filter_active\n"
    "geometry_msgs/Pose target\nuint32 rejected_stale\nuint32 rejected_future\nuint32 rejected_backward\n"
    "uint32 rejected_non_finite\nuint32 rejected_stopped\nuint32 rejected_outranked\n",
    "cairn_interfaces/msg/HandStep": _HEADER
    + "geometry_msgs/Vector3 translation\ngeometry_msgs/Vector3 rotation\nfloat32 opening\n",
}
"""As in `cairn_interfaces`, which need not be installed where data sets are converted."""


_MESSAGES = MessageFactory(DEFINITIONS)
topic_of, serialise = _MESSAGES.topic_of, _MESSAGES.serialise
_make, _header = _MESSAGES.make, _MESSAGES.header


def compressed_image(stamp: int, camera: int, jpeg: bytes) -> Any:
    """sensor_msgs/CompressedImage; stamp [ns]."""
    frame = f"{OPTICAL}_{camera}" if camera else OPTICAL
    data = np.frombuffer(jpeg, np.uint8)
    return _make("sensor_msgs/msg/CompressedImage", _header(stamp, frame), "jpeg", data)


def arm_state(
    stamp: int,
    names: tuple[str, ...],
    positions: NDArray[np.float64],
    velocities: NDArray[np.float64],
    efforts: NDArray[np.float64],
    opening: float,
) -> Any:
    """cairn_interfaces/ArmState; joints [rad, rad/s, N·m], empty where unknown."""
    return _make(
        "cairn_interfaces/msg/ArmState",
        _header(stamp, BASE),
        list(names),
        positions,
        velocities,
        efforts,
        opening,
        0.0,
        True,
        [],
    )


def gate_status(stamp: int, target: NDArray[np.float64]) -> Any:
    """cairn_interfaces/ArmGateStatus of a hand that goes to `target`, shape (4, 4)."""
    return _make(
        "cairn_interfaces/msg/ArmGateStatus",
        _header(stamp, BASE),
        1,
        "",
        "teleop",
        "moving",
        False,
        _pose(target),
        *(0,) * 6,
    )


def hand_pose(stamp: int, pose: NDArray[np.float64]) -> Any:
    """geometry_msgs/PoseStamped of the hand, shape (4, 4), in the arm's base frame."""
    return _make("geometry_msgs/msg/PoseStamped", _header(stamp, BASE), _pose(pose))


def hand_step(stamp: int, action: NDArray[np.float64]) -> Any:
    """cairn_interfaces/HandStep of an action, shape (7,)."""
    x, y, z, roll, pitch, yaw, opening = action.tolist()
    return _make(
        "cairn_interfaces/msg/HandStep",
        _header(stamp, BASE),
        _make("geometry_msgs/msg/Vector3", x, y, z),
        _make("geometry_msgs/msg/Vector3", roll, pitch, yaw),
        opening,
    )


def _pose(pose: NDArray[np.float64]) -> Any:
    x, y, z, w = Rotation.from_matrix(pose[:3, :3]).as_quat().tolist()
    return _make(
        "geometry_msgs/msg/Pose",
        _make("geometry_msgs/msg/Point", *pose[:3, 3].tolist()),
        _make("geometry_msgs/msg/Quaternion", x, y, z, w),
    )
