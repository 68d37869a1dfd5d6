"""A random camera on an arm, or beside it, calibrated from rendered pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.board.board import Board
from cairn.calibration.board.board_pose import board_pose
from cairn.calibration.board.detector import BoardDetector
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.hand_eye.calibrate import calibrate_hand_eye
from cairn.calibration.hand_eye.pose_suggestion import suggest_poses
from cairn.calibration.hand_eye.station import Station
from cairn.calibration.rigid import difference, inverse, moved
from cairn.evaluation.calibration.benchmark.drawn_camera import imperfect
from cairn.evaluation.calibration.benchmark.lens_case import BOARD, MARGIN, RESOLUTION
from cairn.hardware.arm.gate.workspace import Workspace
from cairn.hardware.arm.kinematics import ArmKinematics
from cairn.hardware.arm.widowx_250s import HAND, HULL, urdf, widowx_250s
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import project
from cairn.hardware.sim.board_scene import BoardScene
from cairn.hardware.sim.lens_renderer import LensRenderer

HELD_BOARD = Board("charuco", 6, 5, 0.030, 0.023, "DICT_4X4_50")
STATIONS = 30
_NOISE = np.radians(0.05)  # of a joint's reading
_BACKLASH = np.radians(0.12)  # half the play of a joint, at most
_MIDDLE = np.array([0.32, 0.0, 0.22])

Array = NDArray[np.float64]


@lru_cache(maxsize=1)
def kinematics() -> ArmKinematics:
    """Of a WidowX 250s."""
    return ArmKinematics(widowx_250s(), urdf(), HAND)


def arm_case(seed: int, truth: CameraModel, known: CameraModel, lens: Array) -> dict[str, Any]:
    """Draw a mounting, move a WidowX 250s to suggested poses, render, calibrate; the row of the table.

    Joints are read with noise and have play, which makes the hand's pose wrong by about a millimetre.

    Args:
        seed: of the case; even ones have the camera in the hand.
        truth: the camera that takes the pictures.
        known: its intrinsics by calibration.
        lens: their covariance.

    Raises CairnError when calibration fails.
    """
    random = np.random.default_rng([seed, 2])
    in_hand = seed % 2 == 0
    stations, eye, _ = arm_stations(random, truth, known, in_hand, seed)
    result = calibrate_hand_eye(stations, in_hand, lens=lens)
    step = difference(result.eye, eye)
    covered = np.abs(step) <= result.half_widths
    solvers = {}
    for one in result.solvers:
        away = difference(one.eye, eye)
        solvers[one.name] = {
            "mm": 1000 * float(np.linalg.norm(away[3:])),
            "deg": float(np.degrees(np.linalg.norm(away[:3]))),
        }
    return {
        "seed": seed,
        "in_hand": in_hand,
        "stations": len(stations),
        "outliers": len(result.outliers),
        "refused": list(result.problems),
        "mm": 1000 * float(np.linalg.norm(step[3:])),
        "deg": float(np.degrees(np.linalg.norm(step[:3]))),
        "said_mm": 1000 * result.way,
        "said_deg": result.turn,
        "held_out_mm": 1000 * result.held_out_way,
        "held_out_deg": result.held_out_turn,
        "covered": dict(zip(("rx", "ry", "rz", "x", "y", "z"), map(bool, covered), strict=True)),
        "solvers": solvers,
    }


def arm_stations(
    random: np.random.Generator,
    truth: CameraModel,
    known: CameraModel,
    in_hand: bool,
    seed: int,
    keep: dict[str, NDArray[np.uint8]] | None = None,
) -> tuple[list[Station], Array, Board]:
    """Stations, the camera's true pose in the hand or the base, and the board; images go to `keep`."""
    eye, board_at, board = _mounting(random, truth, in_hand)
    rough = moved(eye, random.normal(0, 1, 6) * np.repeat([np.radians(3), 0.015], 3))
    workspace = Workspace((0.08, -0.3, 0.03), (0.5, 0.3, 0.5), np.array(HULL))

    def visible(hand: Array) -> bool:
        seen = _seen(hand, rough, board_at, in_hand)
        return _in_view(known, seen, board)

    start = _start(visible, workspace, random)
    poses = suggest_poses(kinematics(), workspace, start, visible, STATIONS, seed)
    scene = BoardScene(board.draw(RESOLUTION, MARGIN), board.size, MARGIN, seed)
    renderer, detector = LensRenderer(scene.model, truth), BoardDetector(board)
    play = random.uniform(0.2, 1.0, len(start)) * _BACKLASH
    stations = []
    for number, read in enumerate(poses):
        error = random.normal(0, _NOISE, len(read)) + play * random.choice([-1, 1], len(read))
        hand = kinematics().pose((np.array(read) + error).tolist())
        camera_at = hand @ eye if in_hand else eye
        scene.place(board_at if in_hand else hand @ board_at)
        image = imperfect(renderer(scene.data, camera_at), random)
        found = detector.detect(image)
        if found is None:
            continue
        try:
            pose = board_pose(known, found)
        except CalibrationError:
            continue
        name = f"{number:02d}.png"
        stations.append(Station(name, kinematics().pose(read), pose))
        if keep is not None:
            keep[name] = image
    renderer.close()
    return stations, eye, board


def _mounting(random: np.random.Generator, camera: CameraModel, in_hand: bool) -> tuple[Array, Array, Board]:
    """The camera in hand or base, the board in base or hand, and which board."""
    if in_hand:
        # Behind and above the fingers, looking along them: x of the hand is the way it grips.
        eye = np.eye(4)
        look = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
        eye[:3, :3] = Rotation.from_euler("xyz", random.uniform(-12, 12, 3), degrees=True).as_matrix() @ look
        eye[:3, 3] = random.uniform((-0.14, -0.03, 0.04), (-0.09, 0.03, 0.08))
        lying = np.eye(4)
        # x of the board along y of the base, z down into the table.
        lying[:3, :3] = np.array([[0.0, -1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
        lying[:3, :3] = (
            lying[:3, :3] @ Rotation.from_euler("z", random.uniform(-20, 20), degrees=True).as_matrix()
        )
        lying[:3, 3] = [0.33, 0.0, -0.02] - lying[:3, :3] @ [BOARD.size[0] / 2, BOARD.size[1] / 2, 0]
        return eye, lying, BOARD
    away = float(np.clip(camera.fx / 600 * 0.65, 0.30, 0.65))
    azimuth, elevation = random.uniform(-60, 60), random.uniform(5, 40)
    direction = Rotation.from_euler("zy", [azimuth, -elevation], degrees=True).apply([1.0, 0.0, 0.0])
    eye = _looking_at(_MIDDLE + away * direction, _MIDDLE)
    eye[:3, :3] = eye[:3, :3] @ Rotation.from_euler("xyz", random.uniform(-6, 6, 3), degrees=True).as_matrix()
    # Held in front of the fingers, its face the way they point.
    held = np.eye(4)
    held[:3, :3] = np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    held[:3, :3] = (
        held[:3, :3] @ Rotation.from_euler("xyz", random.uniform(-8, 8, 3), degrees=True).as_matrix()
    )
    held[:3, 3] = [0.03, 0, 0] - held[:3, :3] @ [HELD_BOARD.size[0] / 2, HELD_BOARD.size[1] / 2, 0]
    return eye, held, HELD_BOARD


def _start(visible: Any, workspace: Workspace, random: np.random.Generator) -> tuple[float, ...]:
    """As somebody with the arm in hand would find it: a pose with the board in view, by trying."""
    arm = widowx_250s()
    lower, upper = (np.array([getattr(joint, side) for joint in arm.joints]) for side in ("lower", "upper"))
    centre = np.array(arm.neutral)
    for attempt in range(20000):
        spread = 0.2 + 1.0 * attempt / 20000
        positions = np.clip(centre + random.normal(0, spread, 6), lower, upper)
        pose = kinematics().pose(positions.tolist())
        if workspace.holds(pose) and visible(pose):
            return tuple(positions.tolist())
    raise CalibrationError("no pose of the arm has the board in view")


def _seen(hand: Array, eye: Array, board_at: Array, in_hand: bool) -> Array:
    if in_hand:
        return inverse(hand @ eye) @ board_at
    return inverse(eye) @ hand @ board_at


def _in_view(camera: CameraModel, pose: Array, board: Board) -> bool:
    """Most of it, not too far and not too slanted."""
    middle = pose[:3, :3] @ [board.size[0] / 2, board.size[1] / 2, 0] + pose[:3, 3]
    away = float(np.linalg.norm(middle))
    # Squares of 17 pixels and more can be read.
    if not 0.08 < away < board.square * camera.fx / 17 or pose[:3, 2] @ middle / away < 0.64:
        return False
    pixels = project(camera, board.points @ pose[:3, :3].T + pose[:3, 3])
    inside = (pixels > 8) & (pixels < (camera.width - 9, camera.height - 9))
    return bool(inside.all(axis=1).mean() > 0.8)


def _looking_at(place: Array, target: Array) -> Array:
    z = (target - place) / np.linalg.norm(target - place)
    x = np.cross(z, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([x, np.cross(z, x), z], axis=1)
    pose[:3, 3] = place
    return pose
