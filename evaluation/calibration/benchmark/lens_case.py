"""A random camera, calibrated from rendered pictures of a board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.board.board import Board
from cairn.calibration.board.detector import BoardDetector
from cairn.calibration.intrinsics.calibrate import calibrate_intrinsics
from cairn.calibration.intrinsics.intrinsic_calibration import IntrinsicCalibration
from cairn.calibration.intrinsics.view import View
from cairn.evaluation.calibration.benchmark.drawn_camera import draw_camera, imperfect
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import project, rays
from cairn.hardware.sim.board_scene import BoardScene
from cairn.hardware.sim.lens_renderer import LensRenderer

BOARD = Board("charuco", 9, 6, 0.030, 0.022, "DICT_5X5_250")
VIEWS = 24
MARGIN, RESOLUTION = 0.02, 5000.0  # of the drawn board [m], [pixels/m]
# The optical frame of a camera that looks along x of the room.
OPTICAL = np.array([[0.0, 0.0, 1.0, 0.0], [-1.0, 0.0, 0.0, 0.0], [0.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
_NUMBERS = ("fx", "fy", "cx", "cy")


@dataclass(frozen=True, eq=False)
class LensCase:
    """The true camera, what calibration made of it, and the row of the table."""

    truth: CameraModel
    result: IntrinsicCalibration
    row: dict[str, Any]


def lens_case(seed: int) -> LensCase:
    """Draw, render, calibrate, compare.  Raises CairnError when calibration fails."""
    random = np.random.default_rng([seed, 1])
    truth = draw_camera(random)
    views = _views(truth, random, seed)
    result = calibrate_intrinsics(views)
    found = result.camera
    intervals = result.intervals
    true_values = {name: getattr(truth, name) for name in _NUMBERS}
    kept = [one.view.detection for one in result.views if not one.fault]
    row = {
        "seed": seed,
        "model": truth.distortion_model,
        "view_deg": _view(truth),
        "chosen": found.distortion_model,
        "views": len(kept),
        "outliers": len(result.outliers),
        "refused": list(result.problems),
        "focal_error": float(abs(found.fx / truth.fx - 1)),
        "focal_half_width": intervals["fx"].half_width / found.fx,
        "reprojection": result.rms,
        "held_out": result.held_out,
        "map_error": map_error(truth, found),
        "covered": {name: intervals[name].holds(float(value)) for name, value in true_values.items()},
        "plain": _plain(truth, [view.detection for view in views]),
    }
    return LensCase(truth, result, row)


def map_error(truth: CameraModel, found: CameraModel) -> float:
    """Root mean square distance [pixels] of two cameras' pictures of the same rays, best turned.

    Over the inner nine tenths of the image: a calibrated camera is turned by a hair against the true one, and
    nobody is the worse for it.
    """
    x, y = np.meshgrid(np.linspace(0.05, 0.95, 25), np.linspace(0.05, 0.95, 19))
    pixels = np.stack([x.ravel() * (truth.width - 1), y.ravel() * (truth.height - 1)], axis=1)
    true_rays, found_rays = rays(truth, pixels), rays(found, pixels)
    good = np.isfinite(true_rays).all(axis=1) & np.isfinite(found_rays).all(axis=1)
    turn = Rotation.align_vectors(found_rays[good], true_rays[good])[0]
    away = project(found, turn.apply(true_rays[good])) - pixels[good]
    return float(np.sqrt(np.nanmean((away**2).sum(axis=1))))


def held_poses(
    camera: CameraModel, random: np.random.Generator, count: int, board: Board = BOARD
) -> list[NDArray[np.float64]]:
    """Of a board in the optical frame as a careful person holds it: everywhere, near and far, tilted."""
    size = np.array([camera.width, camera.height])
    poses: list[NDArray[np.float64]] = []
    # From the board filling most of the view to a third of it.
    near = board.size[0] * camera.fx / (0.75 * camera.width)
    while len(poses) < count:
        towards = rays(camera, random.uniform(0.08 * size, 0.92 * size)[None])[0]
        if not np.isfinite(towards).all():
            continue
        away = near * random.uniform(0.9, 2.3)
        turn = Rotation.align_vectors([towards], [[0, 0, 1]])[0]
        tilt = random.uniform(15, 45)
        about = random.uniform(0, 2 * np.pi)
        turn *= Rotation.from_rotvec(np.radians(tilt) * np.array([np.cos(about), np.sin(about), 0]))
        turn *= Rotation.from_euler("z", random.uniform(-40, 40), degrees=True)
        pose = np.eye(4)
        pose[:3, :3] = turn.as_matrix()
        pose[:3, 3] = towards * away - pose[:3, :3] @ [board.size[0] / 2, board.size[1] / 2, 0]
        pixels = project(camera, board.points @ pose[:3, :3].T + pose[:3, 3])
        if ((pixels > 5) & (pixels < size - 6)).all(axis=1).sum() > 0.5 * len(pixels):
            poses.append(pose)
    return poses


def _views(truth: CameraModel, random: np.random.Generator, seed: int) -> list[View]:
    scene = BoardScene(BOARD.draw(RESOLUTION, MARGIN), BOARD.size, MARGIN, seed)
    renderer, detector = LensRenderer(scene.model, truth), BoardDetector(BOARD)
    views = []
    for number, pose in enumerate(held_poses(truth, random, VIEWS)):
        scene.place(OPTICAL @ pose)
        found = detector.detect(imperfect(renderer(scene.data, OPTICAL), random))
        if found is not None:
            views.append(View(f"{number:02d}", found))
    renderer.close()
    return views


def _plain(truth: CameraModel, detections: list[Any]) -> dict[str, float]:
    """What OpenCV's `calibrateCamera` makes of the same points, five coefficients, nothing left out."""
    points = [one.points.astype(np.float32) for one in detections]
    pixels = [one.pixels.astype(np.float32) for one in detections]
    try:
        rms, matrix, distortion, _, _ = cv2.calibrateCamera(
            points, pixels, (truth.width, truth.height), None, None
        )
        fx, fy, cx, cy = matrix[0, 0], matrix[1, 1], matrix[0, 2], matrix[1, 2]
        coefficients = tuple(float(one) for one in np.ravel(distortion)[:5])
        camera = CameraModel(
            truth.width,
            truth.height,
            float(fx),
            float(fy),
            float(cx),
            float(cy),
            "plumb_bob",
            coefficients,
        )
        error = map_error(truth, camera)
    except Exception:  # whatever OpenCV stumbles over counts as a failure of the peer
        return {"focal_error": 1.0, "reprojection": 1e9, "map_error": 1e9}
    return {"focal_error": float(abs(fx / truth.fx - 1)), "reprojection": float(rms), "map_error": error}


def _view(camera: CameraModel) -> float:
    edge = rays(camera, [(0, camera.cy), (camera.width - 1, camera.cy)])
    return float(np.degrees(np.arccos(np.clip(edge[:, 2], -1, 1)).sum()))
