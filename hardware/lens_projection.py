"""From rays to pixels and back, for every lens that a `CameraModel` can describe."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from cairn.hardware.camera_model import CameraModel

_STEPS = 200
_EXACT = 1e-6  # by how much a ray may miss its pixel, in focal lengths


def camera_matrix(camera: CameraModel) -> NDArray[np.float64]:
    """K, shape (3, 3)."""
    return np.array([[camera.fx, 0.0, camera.cx], [0.0, camera.fy, camera.cy], [0.0, 0.0, 1.0]])


def project(camera: CameraModel, points: ArrayLike) -> NDArray[np.float64]:
    """Pixels, shape (n, 2), of points (n, 3) in the optical frame; pixel centres are whole numbers.

    That is the convention of OpenCV and of camera_calibration.  NaN for points that the lens can't show:
    behind a pinhole, or where its distortion polynomial has turned back.
    """
    x, y, z = np.asarray(points, np.float64).reshape(-1, 3).T
    off_axis = np.arctan2(np.hypot(x, y), z)
    with np.errstate(divide="ignore", invalid="ignore"):
        if camera.distortion_model == "equidistant":
            stretch = _fisheye_radius(camera, off_axis) / np.maximum(np.hypot(x, y), 1e-12)
            across, down = x * stretch, y * stretch
        else:
            across, down = _distorted(camera, x / z, y / z)
    pixels = np.stack([camera.fx * across + camera.cx, camera.fy * down + camera.cy], axis=1)
    pixels[off_axis >= turning_angle(camera)] = np.nan
    return pixels


def rays(camera: CameraModel, pixels: ArrayLike) -> NDArray[np.float64]:
    """Unit vectors, shape (n, 3), in the optical frame that `project` puts at pixels (n, 2).

    NaN where no ray comes out within a thousandth of a pixel or so.
    """
    across, down = (
        (np.asarray(pixels, np.float64).reshape(-1, 2) - (camera.cx, camera.cy))
        / (
            camera.fx,
            camera.fy,
        )
    ).T
    if camera.distortion_model == "equidistant":
        radius = np.hypot(across, down)
        angle = _fisheye_angle(camera, radius)
        side = np.sin(angle) / np.maximum(radius, 1e-12)
        found = np.stack([across * side, down * side, np.cos(angle)], axis=1)
    else:
        x, y = _undistorted(camera, across, down)
        found = np.stack([x, y, np.ones_like(x)], axis=1)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
    missed = np.abs(project(camera, found) - np.asarray(pixels, np.float64).reshape(-1, 2)).max(axis=1)
    found[~(missed < _EXACT * camera.fx * 10)] = np.nan
    return found


def turning_angle(camera: CameraModel) -> float:
    """Angle off the axis [rad] from which the distortion polynomial comes back towards the centre."""
    if camera.distortion_model == "equidistant":
        angle = np.linspace(0.0, np.pi, 1200)
        radius = _fisheye_radius(camera, angle)
    else:
        angle = np.linspace(0.0, np.pi / 2 - 1e-3, 1200)
        k1, k2, _, _, k3, *rational = camera.distortion
        squares = np.tan(angle)[:, None] ** np.arange(2, 8, 2)
        radius = np.tan(angle) * (1 + squares @ (k1, k2, k3))
        if rational:
            radius = radius / (1 + squares @ rational)
    turns = np.flatnonzero(np.diff(radius) <= 0)
    return float(angle[turns[0]]) if len(turns) else float(angle[-1])


def _fisheye_radius(camera: CameraModel, angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the distorted picture at focal length 1 (Kannala and Brandt 2006, as in OpenCV)."""
    k1, k2, k3, k4 = camera.distortion
    square = angle * angle
    return angle * (1 + square * (k1 + square * (k2 + square * (k3 + square * k4))))


def _fisheye_angle(camera: CameraModel, radius: NDArray[np.float64]) -> NDArray[np.float64]:
    last = turning_angle(camera)
    table = np.linspace(0.0, last, 2000)
    angle = np.interp(radius, _fisheye_radius(camera, table), table)
    k1, k2, k3, k4 = camera.distortion
    for _ in range(3):
        square = angle * angle
        slope = 1 + square * (3 * k1 + square * (5 * k2 + square * (7 * k3 + square * 9 * k4)))
        step = (_fisheye_radius(camera, angle) - radius) / np.maximum(slope, 0.05)
        angle = np.clip(angle - step, 0, last)
    return angle


def _distorted(
    camera: CameraModel, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k1, k2, p1, p2, k3, *rational = camera.distortion
    square = x * x + y * y
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    if rational:
        k4, k5, k6 = rational
        radial = radial / (1 + square * (k4 + square * (k5 + square * k6)))
    return (
        x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x),
        y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y,
    )


def _undistorted(
    camera: CameraModel, across: NDArray[np.float64], down: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, _STEPS, 1e-12)
    pixels = np.stack([across, down], axis=1).reshape(-1, 1, 2)
    if not len(pixels):
        return across, down
    found = cv2.undistortPoints(pixels, np.eye(3), np.array(camera.distortion), criteria=criteria)
    x, y = found.reshape(-1, 2).T
    return x, y
