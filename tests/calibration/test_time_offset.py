from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rendered_boards import OPTICAL
from scipy.spatial.transform import Rotation
from turning_bag import write_turning_bag
from typer.testing import CliRunner

from cairn.calibration.board.board import Board
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.timing.image_motion import ImageMotion
from cairn.calibration.timing.motion_signal import MotionSignal
from cairn.calibration.timing.stream_clock import stream_clock
from cairn.calibration.timing.time_offset import time_offset
from cairn.cli.calibrate import app
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.sim.board_scene import BoardScene
from cairn.hardware.sim.lens_renderer import LensRenderer


def _motion(seconds: float, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time and a yaw rate that wanders."""
    random = np.random.default_rng(seed)
    times = np.arange(0, seconds, 0.002)
    corners = np.arange(0, seconds + 1, 0.7)
    return times, np.interp(times, corners, random.uniform(-1, 1, len(corners)))


def _signals(offset: float, seconds: float = 30.0, seed: int = 0, drift: float = 0.0):
    random = np.random.default_rng(seed + 1)
    times, rates = _motion(seconds, seed)
    fast, slow = (
        np.arange(0, seconds, 0.02),
        np.sort(np.arange(0.1, seconds - 0.1, 0.1) + random.normal(0, 0.003, 1)[0]),
    )
    reference = MotionSignal(
        "odometry", fast, np.interp(fast, times, rates) + random.normal(0, 0.02, len(fast))
    )
    late = np.interp(slow, times, 0.5 * rates) + random.normal(0, 0.02, len(slow))
    return reference, MotionSignal("camera", slow * (1 + drift) + offset, late)


@pytest.mark.parametrize("offset", [-0.12, 0.0, 0.037])
def test_the_offset_is_found_within_its_interval(offset: float) -> None:
    result = time_offset(*_signals(offset))
    assert result.problems == ()
    assert result.offset_ms.value == pytest.approx(1000 * offset, abs=4)
    assert 0.5 < result.offset_ms.half_width < 8
    assert result.offset_ms.holds(1000 * offset)
    assert result.correlation > 0.98
    assert result.scale == pytest.approx(2.0, rel=0.05)


def test_a_clock_that_runs_fast_is_seen_as_drift() -> None:
    steady, fast = (time_offset(*_signals(0.02, 60.0, drift=drift)) for drift in (0.0, 3e-3))
    assert abs(steady.drift.value) < 0.6
    assert fast.drift.value == pytest.approx(3.0, abs=0.6)


def test_streams_of_different_motion_are_refused() -> None:
    reference, _ = _signals(0.0, seed=0)
    _, other = _signals(0.0, seed=7)
    assert any("hardly show the same motion" in problem for problem in time_offset(reference, other).problems)


@pytest.mark.parametrize(
    ("times", "values", "message"),
    [
        (np.arange(5.0), np.ones(5), "expected at least 20 samples of motion, got 5"),
        (np.zeros(30), np.ones(30), "stamps must grow"),
        (np.arange(30.0), np.full(30, np.nan), "must be finite"),
    ],
)
def test_signals_that_are_none_are_refused(times, values, message: str) -> None:
    with pytest.raises(CalibrationError, match=message):
        MotionSignal("camera", times, values)


def test_a_robot_at_rest_and_short_bags_tell_nothing() -> None:
    reference, late = _signals(0.0)
    with pytest.raises(CalibrationError, match="odometry shows no motion: turn the robot to and fro"):
        time_offset(MotionSignal("odometry", reference.times, np.zeros_like(reference.times)), late)
    with pytest.raises(CalibrationError, match=r"overlap for 5.* s less the greatest offset"):
        time_offset(*_signals(0.0, 6.2))


def test_images_say_how_far_the_camera_turned() -> None:
    lens = CameraModel.pinhole(320, 240, 80)
    board = Board()
    scene = BoardScene(board.draw(2000, 0.02), board.size, 0.02)
    renderer, motion = LensRenderer(scene.model, lens), ImageMotion(lens)
    found = []
    for yaw in (0.0, 0.03, 0.02):
        pose = OPTICAL.copy()
        pose[:3, :3] = Rotation.from_euler("z", yaw).as_matrix() @ OPTICAL[:3, :3]
        found.append(motion(renderer(scene.data, pose)))
    renderer.close()
    assert found[0] is None
    # The camera's y axis points down, against which a turn to the left is counted.
    assert found[1] == pytest.approx([0, -0.03, 0], abs=0.001)
    assert found[2] == pytest.approx([0, 0.01, 0], abs=0.001)


def test_a_stream_tells_its_rate_jitter_and_drift() -> None:
    random = np.random.default_rng(0)
    beats = np.delete(np.arange(0, 60, 0.1), [100, 101, 300])
    stamps = beats + random.normal(0, 0.002, len(beats))
    arrivals = beats * (1 + 100e-6) + 0.02 + random.exponential(0.004, len(beats))
    clock = stream_clock(stamps, arrivals)
    assert clock.rate == pytest.approx(10, rel=0.01)
    assert clock.jitter_ms == pytest.approx(2, rel=0.25)
    assert clock.gaps == 2
    assert 20 < clock.delay_ms < 28
    assert clock.drift.value == pytest.approx(100, abs=25)
    assert clock.drift.half_width < 60


def test_a_bag_gives_the_offset_of_its_images(tmp_path: Path) -> None:
    bag = write_turning_bag(tmp_path / "bag", offset=0.08)
    words = ["time", str(bag), "--reference", "/platform/odom", "--late", "/sensors/camera/image"]
    words += ["--report", str(tmp_path / "time.html"), "--json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    told = json.loads(done.stdout)
    assert done.exit_code == 0, told["problems"]
    assert told["offset_ms"] == pytest.approx(80, abs=6)
    assert told["clocks"]["/platform/odom"]["rate"] == pytest.approx(50, rel=0.02)
    assert (tmp_path / "time.html").read_text().count("data:image/png;base64,") == 2
