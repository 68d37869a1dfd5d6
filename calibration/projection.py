"""Pixels of board points, with derivatives."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.hardware.camera_model import CameraModel

Array = NDArray[np.float64]

LINEAR = 4  # fx, fy, cx, cy come before the distortion


def project_board(
    model: str, intrinsics: Array, rotation: Array, translation: Array, points: Array
) -> tuple[Array, Array, Array]:
    """Pixels (n, 2) of points (n, 3) on a board whose pose is a rotation vector [rad] and a translation [m].

    Args:
        model: ROS name of the distortion model.
        intrinsics: fx, fy, cx, cy and the distortion, shape (4 + d,).
        rotation, translation: of the board in the optical frame, shape (3,) each.
        points: on the board [m].

    Returns:
        Pixels, their derivatives by the intrinsics, shape (2n, 4 + d), and by rotation and translation,
        shape (2n, 6).
    """
    if model == "equidistant":
        return _project_fisheye(intrinsics, rotation, translation, points)
    fx, fy, cx, cy = intrinsics[:LINEAR]
    matrix = np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])
    distortion = np.ascontiguousarray(intrinsics[LINEAR:])
    shaped = np.ascontiguousarray(points).reshape(-1, 1, 3)
    pixels, slopes = cv2.projectPoints(
        shaped, rotation.reshape(3, 1), translation.reshape(3, 1), matrix, distortion
    )
    by_lens, by_pose = slopes[:, 6 : 10 + len(distortion)], slopes[:, :6]
    return np.asarray(pixels.reshape(-1, 2), np.float64), np.asarray(by_lens), np.asarray(by_pose)


def _project_fisheye(
    intrinsics: Array, rotation: Array, translation: Array, points: Array
) -> tuple[Array, Array, Array]:
    """OpenCV's own takes points beyond 90° off the axis for points behind the camera."""
    fx, fy, cx, cy, *k = intrinsics
    turned = points @ Rotation.from_rotvec(rotation).as_matrix().T
    x, y, z = (turned + translation).T
    away = np.maximum(np.hypot(x, y), 1e-12)
    angle, square = np.arctan2(away, z), away**2 + z**2
    powers = angle[:, None] ** np.arange(2, 10, 2)
    radius, slope = angle * (1 + powers @ k), 1 + powers @ (np.array(k) * (3, 5, 7, 9))
    c, s = x / away, y / away
    pixels = np.stack([fx * radius * c + cx, fy * radius * s + cy], axis=1)
    outward, round_ = slope * z / square, radius / away
    by_point = np.empty((len(points), 2, 3))
    by_point[:, 0, 0] = outward * c * c + round_ * s * s
    by_point[:, 1, 1] = outward * s * s + round_ * c * c
    by_point[:, 0, 1] = by_point[:, 1, 0] = (outward - round_) * c * s
    by_point[:, 0, 2], by_point[:, 1, 2] = -slope * away / square * c, -slope * away / square * s
    by_point *= np.array([fx, fy])[:, None]
    crossed = np.zeros((len(points), 3, 3))
    crossed[:, 0, 1], crossed[:, 0, 2], crossed[:, 1, 2] = turned[:, 2], -turned[:, 1], turned[:, 0]
    crossed -= crossed.transpose(0, 2, 1)
    by_pose = np.concatenate([by_point @ crossed @ left_jacobian(rotation), by_point], axis=2)
    by_lens = np.zeros((len(points), 2, LINEAR + len(k)))
    by_lens[:, 0, 0], by_lens[:, 1, 1] = radius * c, radius * s
    by_lens[:, 0, 2] = by_lens[:, 1, 3] = 1.0
    terms = angle[:, None] ** np.arange(3, 11, 2)
    by_lens[:, 0, LINEAR:], by_lens[:, 1, LINEAR:] = fx * c[:, None] * terms, fy * s[:, None] * terms
    return pixels, by_lens.reshape(-1, LINEAR + len(k)), by_pose.reshape(-1, 6)


def left_jacobian(turn: Array) -> Array:
    """From a change of a rotation vector to the small turn that it makes (Solà et al. 2018, eq. 145)."""
    angle = float(np.linalg.norm(turn))
    if angle < 1e-8:
        return np.eye(3)
    x, y, z = turn
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    square = angle * angle
    return np.asarray(
        np.eye(3)
        + (1 - np.cos(angle)) / square * cross
        + (angle - np.sin(angle)) / (square * angle) * cross @ cross
    )


def intrinsics_of(camera: CameraModel) -> Array:
    """fx, fy, cx, cy and the distortion, shape (4 + d,)."""
    return np.array([camera.fx, camera.fy, camera.cx, camera.cy, *camera.distortion])


def camera_of(model: str, intrinsics: Array, size: tuple[int, int]) -> CameraModel:
    """The inverse of `intrinsics_of`.  Raises CairnError for a camera that there can't be."""
    fx, fy, cx, cy, *distortion = (float(value) for value in intrinsics)
    return CameraModel(size[0], size[1], fx, fy, cx, cy, model, tuple(distortion))
