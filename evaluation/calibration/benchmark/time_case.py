"""A camera that turns, and odometry whose stamps are off against it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.timing.image_motion import ImageMotion
from cairn.calibration.timing.motion_signal import MotionSignal
from cairn.calibration.timing.time_offset import time_offset
from cairn.evaluation.calibration.benchmark.lens_case import BOARD, MARGIN, OPTICAL
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.sim.board_scene import BoardScene
from cairn.hardware.sim.lens_renderer import LensRenderer

_SECONDS = 22.0
_FINE = 0.002  # [s]
_MOST = 0.15  # [s] of the offset
_ODOMETRY_RATE = 50.0


def time_case(seed: int) -> dict[str, Any]:
    """Draw a drive, render its frames, find the offset; the row of the table."""
    random = np.random.default_rng([seed, 4])
    times, rates, yaws = _drive(random)
    offset = float(random.uniform(-_MOST, _MOST))
    camera, stamps, values = _camera(random, times, yaws, seed)
    told = np.arange(0.0, _SECONDS, 1 / _ODOMETRY_RATE)
    told = np.sort(told + random.normal(0, 0.001, len(told)))
    measured = np.interp(told, times, rates) + random.normal(0, 0.02, len(told))
    result = time_offset(
        MotionSignal("odometry", told, measured), MotionSignal(camera, stamps + offset, values)
    )
    return {
        "seed": seed,
        "offset_ms": 1000 * offset,
        "error_ms": abs(result.offset_ms.value - 1000 * offset),
        "half_width_ms": result.offset_ms.half_width,
        "correlation": result.correlation,
        "refused": list(result.problems),
        "covered": {"offset": result.offset_ms.holds(1000 * offset)},
    }


def _drive(
    random: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Times [s], yaw rates [rad/s] and yaws [rad] of somebody turning a robot to and fro."""
    times = np.arange(0.0, _SECONDS + _FINE, _FINE)
    wanted, now = np.zeros_like(times), 0.0
    while now < _SECONDS:
        hold = random.uniform(0.6, 1.8)
        wanted[(times >= now) & (times < now + hold)] = random.uniform(0.3, 1.0) * random.choice([-1, 1])
        now += hold
    # The base follows in about .15 s.
    rates = np.zeros_like(times)
    for index in range(1, len(times)):
        rates[index] = rates[index - 1] + (wanted[index - 1] - rates[index - 1]) * _FINE / 0.15
    # By trapezoids: a plain sum would be half a step ahead.
    steps = (rates[1:] + rates[:-1]) / 2 * _FINE
    return times, rates, np.concatenate([[0.0], np.cumsum(steps)])


def _camera(
    random: np.random.Generator, times: NDArray[np.float64], yaws: NDArray[np.float64], seed: int
) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    """What the images say: name, true times [s] and yaw rates [rad/s]."""
    lens = CameraModel.pinhole(320, 240, random.uniform(60, 100))
    rate = random.uniform(10, 15)
    scene = BoardScene(BOARD.draw(2500.0, MARGIN), BOARD.size, MARGIN, seed)
    away = np.eye(4)
    away[2, 3] = -50.0
    scene.place(away)
    renderer, motion = LensRenderer(scene.model, lens), ImageMotion(lens)
    stamps, turns = [], []
    moments = np.arange(0.1, _SECONDS - 0.1, 1 / rate)
    moments = moments + random.normal(0, 0.002, len(moments))
    for moment in moments:
        yaw = float(np.interp(moment, times, yaws))
        pose = np.eye(4)
        pose[:3, :3] = Rotation.from_euler("z", yaw).as_matrix() @ OPTICAL[:3, :3]
        # The camera is in front of the axis about which the base turns.
        pose[:3, 3] = [0.2 * np.cos(yaw), 0.2 * np.sin(yaw), 0.0]
        image = renderer(scene.data, pose).astype(np.float32) + random.normal(0, 2, (240, 320, 3))
        turns.append(motion(np.clip(image, 0, 255).astype(np.uint8)))
        stamps.append(moment)
    renderer.close()
    # A turn lies between two images; y of the camera points down.
    pairs = [
        ((before + after) / 2, -turn[1] / (after - before))
        for before, after, turn in zip(stamps, stamps[1:], turns[1:], strict=False)
        if turn is not None
    ]
    middle, values = np.array(pairs).T
    return "camera", middle, values
