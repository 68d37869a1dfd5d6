"""Boards really rendered before cameras that are known."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.board.board import Board
from cairn.calibration.board.detection import Detection
from cairn.calibration.intrinsics.view import View
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import project, rays
from cairn.hardware.sim.board_scene import BoardScene
from cairn.hardware.sim.lens_renderer import LensRenderer

PINHOLE = CameraModel(640, 480, 600.0, 601.0, 322.0, 238.0, "plumb_bob", (-0.2, 0.05, 0.001, 0.002, 0.0))
FISHEYE = CameraModel(640, 480, 230.0, 231.0, 318.0, 243.0, "equidistant", (0.02, -0.01, 0.003, -0.001))
BOARD = Board()
OPTICAL = np.array([[0.0, 0.0, 1.0, 0.0], [-1.0, 0.0, 0.0, 0.0], [0.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
"""The camera in the room: it looks along x."""


def poses(camera: CameraModel, count: int, seed: int, board: Board = BOARD) -> list[NDArray[np.float64]]:
    """Of the board in the optical frame, most of it in view."""
    random, chosen = np.random.default_rng(seed), []
    near, far = (0.15, 0.45) if camera.distortion_model == "equidistant" else (0.35, 0.8)
    size = np.array([camera.width, camera.height])
    while len(chosen) < count:
        towards = rays(camera, random.uniform(0.1 * size, 0.9 * size)[None])[0]
        turn = Rotation.align_vectors([towards], [[0, 0, 1]])[0]
        turn *= Rotation.from_euler("xyz", random.uniform(-40, 40, 3), degrees=True)
        pose = np.eye(4)
        pose[:3, :3] = turn.as_matrix()
        middle = pose[:3, :3] @ [board.size[0] / 2, board.size[1] / 2, 0]
        pose[:3, 3] = towards * random.uniform(near, far) - middle
        pixels = project(camera, board.points @ pose[:3, :3].T + pose[:3, 3])
        if ((pixels > 5) & (pixels < size - 6)).all(axis=1).sum() > 0.55 * len(pixels):
            chosen.append(pose)
    return chosen


def exact_views(
    camera: CameraModel, count: int, seed: int = 0, noise: float = 0.1, board: Board = BOARD
) -> list[View]:
    """Views as a detector would give them, with noise [pixels] on each point."""
    random = np.random.default_rng(seed)
    views = []
    for number, pose in enumerate(poses(camera, count, seed, board)):
        pixels = project(camera, board.points @ pose[:3, :3].T + pose[:3, 3])
        inside = ((pixels > 3) & (pixels < (camera.width - 4, camera.height - 4))).all(axis=1)
        ids = np.flatnonzero(inside)
        found = pixels[ids] + random.normal(0, noise, (len(ids), 2))
        size = (camera.width, camera.height)
        views.append(View(f"{number:02d}", Detection(ids, found, board.points[ids], size, 2.0)))
    return views


def render(
    camera: CameraModel, board_poses: list[NDArray[np.float64]], board: Board = BOARD
) -> list[NDArray[np.uint8]]:
    """RGB images."""
    scene = BoardScene(board.draw(4000, 0.02), board.size, 0.02)
    renderer = LensRenderer(scene.model, camera)
    images = []
    for pose in board_poses:
        scene.place(OPTICAL @ pose)
        images.append(renderer(scene.data, OPTICAL))
    renderer.close()
    return images


@lru_cache(maxsize=4)
def pictures(
    camera: CameraModel, count: int, seed: int = 3, board: Board = BOARD
) -> tuple[NDArray[np.uint8], ...]:
    """Rendered once for all tests of a process."""
    return tuple(render(camera, poses(camera, count, seed, board), board))
