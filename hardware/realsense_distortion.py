"""From librealsense's intrinsics to a ROS camera model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError

if TYPE_CHECKING:
    import pyrealsense2 as rs

_GRID = 21
_TOLERANCE = 0.5


def camera_model(intrinsics: rs.intrinsics) -> CameraModel:
    """The ROS model of a stream's intrinsics.

    `brown_conrady` is `plumb_bob` and `kannala_brandt4` is `equidistant`, coefficient by coefficient.  The
    inverse and the modified Brown-Conrady model have no name in ROS: with all coefficients zero (as in
    every D400 colour stream) they are an ideal pinhole, otherwise plumb_bob is fitted to them.

    Raises CairnError when the model has no ROS equivalent within half a pixel.
    """
    import pyrealsense2 as rs

    kind = intrinsics.model
    coefficients = tuple(float(value) for value in intrinsics.coeffs)
    if kind == rs.distortion.kannala_brandt4:
        return _model(intrinsics, "equidistant", coefficients[:4])
    if kind in (rs.distortion.none, rs.distortion.brown_conrady) or not any(coefficients):
        return _model(intrinsics, "plumb_bob", (0.0,) * 5 if kind == rs.distortion.none else coefficients)
    if kind in (rs.distortion.inverse_brown_conrady, rs.distortion.modified_brown_conrady):
        return _model(intrinsics, "plumb_bob", _fit_plumb_bob(intrinsics))
    raise CairnError(
        f"distortion model {kind.name!r} has no ROS equivalent; valid: none, brown_conrady, "
        "inverse_brown_conrady, modified_brown_conrady, kannala_brandt4"
    )


def _model(intrinsics: rs.intrinsics, name: str, coefficients: tuple[float, ...]) -> CameraModel:
    return CameraModel(
        width=intrinsics.width,
        height=intrinsics.height,
        fx=float(intrinsics.fx),
        fy=float(intrinsics.fy),
        cx=float(intrinsics.ppx),
        cy=float(intrinsics.ppy),
        distortion_model=name,
        distortion=coefficients,
    )


def _fit_plumb_bob(intrinsics: rs.intrinsics) -> tuple[float, ...]:
    """k1, k2, p1, p2, k3 by linear least squares over a grid of pixels (plumb_bob is linear in them)."""
    import pyrealsense2 as rs

    columns = np.linspace(0, intrinsics.width - 1, _GRID)
    rows = np.linspace(0, intrinsics.height - 1, _GRID)
    pixels = np.array([(column, row) for row in rows for column in columns])
    rays = np.array(
        [rs.rs2_deproject_pixel_to_point(intrinsics, [float(u), float(v)], 1.0)[:2] for u, v in pixels]
    )
    focal = np.array([intrinsics.fx, intrinsics.fy])
    distorted = (pixels - np.array([intrinsics.ppx, intrinsics.ppy])) / focal
    system = _plumb_bob_terms(rays).reshape(-1, 5)
    error = np.inf  # of a model that folds over and has no ray for some pixel
    if np.isfinite(system).all():
        coefficients = np.linalg.lstsq(system, (distorted - rays).reshape(-1), rcond=None)[0]
        error = np.abs(((system @ coefficients).reshape(-1, 2) - (distorted - rays)) * focal).max()
    if not error <= _TOLERANCE:
        raise CairnError(
            f"distortion {intrinsics.model.name} {list(intrinsics.coeffs)} can't be expressed as plumb_bob: "
            f"expected at most {_TOLERANCE} pixels of difference, got {error:.2f}"
        )
    return tuple(float(value) for value in coefficients)


def _plumb_bob_terms(rays: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each coefficient adds to x and y; shape (N, 2, 5) (OpenCV, calib3d, "Detailed description")."""
    x, y = rays[:, 0], rays[:, 1]
    r2 = x * x + y * y
    return np.stack(
        [
            np.stack([x * r2, x * r2**2, 2 * x * y, r2 + 2 * x * x, x * r2**3], axis=-1),
            np.stack([y * r2, y * r2**2, r2 + 2 * y * y, 2 * x * y, y * r2**3], axis=-1),
        ],
        axis=1,
    )
