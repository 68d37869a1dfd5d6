"""Where a board is, seen by a calibrated camera."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.board.detection import LEAST_POINTS, Detection
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.projection import intrinsics_of, left_jacobian, project_board
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import rays

_STEPS = 12
_STRAY, _HARMLESS = 6.0, 0.5  # medians, and [pixels], from which a point does not fit
_STEEPEST = 0.15  # z of a unit ray; shallower ones run off where a plane is fitted


_Vector = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class BoardPose:
    """The board in the optical frame.

    Attributes:
        pose: shape (4, 4) [m].
        residuals: found minus projected, of the n points that fit, shape (n, 2) [pixels].
        covariance: of a small turn [rad] and translation [m] in the optical frame, shape (6, 6), for errors
            of one pixel.
        by_lens: how pose and lens go together: the small turn and translation by each of fx, fy, cx, cy and
            the distortion, shape (6, 4 + d); None where it was not asked for.
    """

    pose: NDArray[np.float64]
    residuals: NDArray[np.float64]
    covariance: NDArray[np.float64]
    by_lens: NDArray[np.float64] | None = None

    @property
    def rms(self) -> float:
        """Of the distances between found and projected points [pixels]."""
        return float(np.sqrt((self.residuals**2).sum(axis=1).mean()))


def board_pose(
    camera: CameraModel, detection: Detection, near: NDArray[np.float64] | None = None
) -> BoardPose:
    """The pose with the least reprojection error.

    A flat board has two poses that look much alike; both are refined and the better one is taken.  Single
    points that don't fit the others are left out.  A pose (4, 4) that is `near` is refined alone.
    Raises CalibrationError when the camera's pictures have another size, or nothing fits.
    """
    if detection.size != (camera.width, camera.height):
        raise CalibrationError(
            f"the image is {detection.size[0]}x{detection.size[1]}, the camera's calibration is for "
            f"{camera.width}x{camera.height}"
        )
    starts = _starts(camera, detection) if near is None else [_vector(near)]
    best = _best(camera, detection, starts)
    away = np.linalg.norm(best.residuals, axis=1)
    fits = away <= max(_STRAY * float(np.median(away)), _HARMLESS)
    if fits.all() or fits.mean() < 0.75 or fits.sum() < LEAST_POINTS:
        return best
    return _best(camera, detection.part(fits), [_vector(best.pose)])


def _best(camera: CameraModel, detection: Detection, starts: list[_Vector]) -> BoardPose:
    candidates = [_refine(camera, detection, *start) for start in starts]
    candidates = [found for found in candidates if _is_ahead(camera, found, detection)]
    if not candidates:
        raise CalibrationError("no pose of the board fits what was found in the image")
    return min(candidates, key=lambda found: found.rms)


def _is_ahead(camera: CameraModel, found: BoardPose, detection: Detection) -> bool:
    depths = detection.points @ found.pose[2, :3] + found.pose[2, 3]
    # A fisheye may look behind itself.
    ahead = np.median(depths) > 0 or camera.distortion_model == "equidistant"
    return bool(ahead and np.isfinite(found.rms))


def _starts(camera: CameraModel, detection: Detection) -> list[_Vector]:
    directions = rays(camera, detection.pixels)
    seen = np.isfinite(directions).all(axis=1)
    if seen.sum() < 4:
        return []
    # Looked at along the board's own direction, a board at the edge of a wide view is as flat as any.
    turn = _towards(directions[seen].mean(axis=0))
    directions = directions @ turn
    good = seen & (directions[:, 2] > _STEEPEST)
    if good.sum() < 4:
        return []
    flat = directions[good, :2] / directions[good, 2:]
    count, turns, moves, _ = cv2.solvePnPGeneric(
        detection.points[good], flat, np.eye(3), None, flags=cv2.SOLVEPNP_IPPE
    )
    starts = []
    for index in range(count):
        rotation = turn @ Rotation.from_rotvec(turns[index].ravel()).as_matrix()
        starts.append((Rotation.from_matrix(rotation).as_rotvec(), turn @ moves[index].ravel()))
    return starts


def _towards(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """A rotation (3, 3) whose z axis has this direction."""
    z = direction / np.linalg.norm(direction)
    x = np.cross([0.0, 1.0, 0.0], z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z], axis=1)


def _vector(pose: NDArray[np.float64]) -> _Vector:
    return np.asarray(Rotation.from_matrix(pose[:3, :3]).as_rotvec()), pose[:3, 3]


def _refine(
    camera: CameraModel, detection: Detection, turn: NDArray[np.float64], move: NDArray[np.float64]
) -> BoardPose:
    intrinsics = intrinsics_of(camera)
    damping, best = 1e-6, np.inf
    state = np.concatenate([turn, move])
    residuals, slopes = _errors(camera, intrinsics, state, detection)
    best = float((residuals**2).sum())
    for _ in range(_STEPS):
        normal = slopes.T @ slopes
        damped = normal + damping * np.diag(np.diag(normal) + 1e-12)
        step = np.linalg.lstsq(damped, slopes.T @ residuals, rcond=None)[0]
        tried, tried_slopes = _errors(camera, intrinsics, state + step, detection)
        cost = float((tried**2).sum())
        if not cost < best:
            damping *= 20
            if damping > 1e6:
                break
            continue
        settled = best - cost < 1e-10 * best
        state, residuals, slopes, best, damping = state + step, tried, tried_slopes, cost, damping / 5
        if settled:
            break
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_rotvec(state[:3]).as_matrix()
    pose[:3, 3] = state[3:]
    # From the rotation vector's own parameters to a small turn about the optical axes.
    covariance = np.linalg.pinv(slopes.T @ slopes)
    change = np.eye(6)
    change[:3, :3] = left_jacobian(state[:3])
    _, by_lens, _ = project_board(camera.distortion_model, intrinsics, state[:3], state[3:], detection.points)
    return BoardPose(
        pose,
        residuals.reshape(-1, 2),
        change @ covariance @ change.T,
        -change @ covariance @ slopes.T @ by_lens,
    )


def _errors(
    camera: CameraModel, intrinsics: NDArray[np.float64], state: NDArray[np.float64], detection: Detection
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pixels, _, slopes = project_board(
        camera.distortion_model, intrinsics, state[:3], state[3:], detection.points
    )
    return (detection.pixels - pixels).ravel(), slopes
