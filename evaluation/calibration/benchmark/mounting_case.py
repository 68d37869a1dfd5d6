"""A random mounting on a base, calibrated from a board at places measured with some error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.board.board import Board
from cairn.calibration.board.board_pose import board_pose
from cairn.calibration.board.detector import BoardDetector
from cairn.calibration.hand_eye.station import Station
from cairn.calibration.mounting.from_board import PlacingError, mounting_from_board
from cairn.calibration.mounting.mounting_calibration import pitch_of, roll_of
from cairn.calibration.rigid import difference, moved
from cairn.evaluation.calibration.benchmark.drawn_camera import imperfect
from cairn.evaluation.calibration.benchmark.lens_case import MARGIN, held_poses
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.sim.board_scene import BoardScene
from cairn.hardware.sim.lens_renderer import LensRenderer

LARGE_BOARD = Board("charuco", 9, 6, 0.060, 0.044, "DICT_5X5_250")
PLACES = 6
PLACING = PlacingError(0.003, 0.3)


def mounting_case(
    seed: int, truth: CameraModel, known: CameraModel, lens: NDArray[np.float64]
) -> dict[str, Any]:
    """Draw a mounting, place a board before it, render, calibrate; the row of the table."""
    random = np.random.default_rng([seed, 3])
    eye = _mounting(random)
    scene = BoardScene(LARGE_BOARD.draw(2500.0, MARGIN), LARGE_BOARD.size, MARGIN, seed)
    renderer, detector = LensRenderer(scene.model, truth), BoardDetector(LARGE_BOARD)
    stations = []
    for number, seen in enumerate(held_poses(truth, random, PLACES, LARGE_BOARD)):
        place = eye @ seen
        scene.place(place)
        found = detector.detect(imperfect(renderer(scene.data, eye), random))
        error = random.normal(0, 1, 6) * np.repeat([np.radians(PLACING.turn), PLACING.way], 3)
        measured = place.copy()
        measured[:3, :3] = moved(place, error)[:3, :3]
        measured[:3, 3] += error[3:]
        if found is not None:
            stations.append(Station(f"{number}", measured, board_pose(known, found)))
    renderer.close()
    result = mounting_from_board(stations, PLACING, lens)
    step = difference(result.eye, eye)
    return {
        "seed": seed,
        "places": len(stations),
        "refused": list(result.problems),
        "mm": 1000 * float(np.linalg.norm(step[3:])),
        "deg": float(np.degrees(np.linalg.norm(step[:3]))),
        "height_mm": 1000 * abs(result.height.value - float(eye[2, 3])),
        "pitch_deg": abs(result.pitch.value - pitch_of(eye)),
        "roll_deg": abs(result.roll.value - roll_of(eye)),
        "covered": {
            "height": result.height.holds(float(eye[2, 3])),
            "pitch": result.pitch.holds(pitch_of(eye)),
            "roll": result.roll.holds(roll_of(eye)),
        },
    }


def _mounting(random: np.random.Generator) -> NDArray[np.float64]:
    """Up to 1.2 m high, level or looking down, as good as straight."""
    ahead = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    angles = [random.normal(0, 2), random.uniform(-5, 30), random.normal(0, 4)]
    eye = np.eye(4)
    eye[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix() @ ahead
    eye[:3, 3] = random.uniform((-0.1, -0.1, 0.2), (0.3, 0.1, 1.2))
    return eye
