"""Collect explorative driving in simulated worlds."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import cos, pi, sin
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.explorative_driver import ExplorativeDriver

if TYPE_CHECKING:
    from cairn.hardware.sim.simulation import Simulation
    from cairn.hardware.sim.truth_map import TruthMap

BEAMS = 128
LIDAR_LIMIT = 20.0
# Benches, bollards and kerbs stop the robot below what a single lidar plane meets.
SCAN_HEIGHTS = (0.08, 0.2, 0.35)
RATE = 4.0
FIELDS = ("image", "pose", "twist", "lidar", "clearance", "session", "step", "collided")
Frames = dict[str, list[Any]]
_Pose = tuple[float, float, float]


@dataclass(frozen=True)
class CollectSettings:
    """How much is collected in each world; every session has its own light, weather and moved obstacles.

    `strays` are single views from random places near the driven path: they show a place from where the
    drive did not pass, which is what recognition from afar is learned from.
    """

    sessions: int = 2
    steps: int = 220
    strays: int = 160
    spread: float = 14.0


def collect_worlds(
    seeds: Iterable[int], directory: Path, settings: CollectSettings, jobs: int
) -> Generator[tuple[int, int], None, None]:
    """Write the file of each seed that has none yet; yields (seed, frames) as they finish."""
    directory.mkdir(parents=True, exist_ok=True)
    missing = [seed for seed in seeds if not world_file(directory, seed).exists()]
    # Ctrl-C reaches every process of the terminal: the parent decides, and worlds under way are finished.
    context, ignore = get_context("spawn"), (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(jobs, context, signal.signal, ignore) as pool:
        tasks = [(seed, directory, settings) for seed in missing]
        yield from pool.map(_collect_world, tasks)


def world_file(directory: Path, seed: int) -> Path:
    """Where the frames of one world are kept."""
    return directory / f"world_{seed:04d}.npz"


def _collect_world(task: tuple[int, Path, CollectSettings]) -> tuple[int, int]:
    from cairn.hardware.sim.camera_settings import CameraSettings
    from cairn.hardware.sim.simulation import Simulation
    from cairn.hardware.sim.simulation_settings import SimulationSettings
    from cairn.hardware.sim.worlds.conditions import Conditions
    from cairn.hardware.sim.worlds.generate import KINDS, generate_world

    seed, directory, settings = task
    camera = CameraSettings(width=320, height=240)  # enough for the policy's view, and drawn in half the time
    random = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    frames: Frames = {name: [] for name in FIELDS}
    anchor: tuple[float, float] | None = None
    for session in range(settings.sessions):
        # The first session has plain daylight, so that every world is seen in it at least once.
        conditions = Conditions() if session == 0 else Conditions.sample(seed * 10 + session)
        world = generate_world(kind, seed, conditions)
        simulation = Simulation(world, SimulationSettings(camera, RATE), seed * 10 + session)
        if anchor is None:
            anchor = simulation.truth.sample_free_pose(random)[:2]
        _drive(simulation, session, anchor, settings, random, frames)
        simulation.close()
    stacked = {name: np.stack(values) for name, values in frames.items()}
    temporary = directory / f".world_{seed:04d}.{os.getpid()}.npz"
    np.savez(temporary, **stacked)  # type: ignore[arg-type]
    temporary.rename(world_file(directory, seed))
    return seed, len(frames["image"])


_BEARINGS: NDArray[np.float64] = (np.arange(BEAMS) + 0.5) / BEAMS * 2 * pi - pi
_BEARINGS.setflags(write=False)


def beam_bearings() -> NDArray[np.float64]:
    """Bearings of the recorded lidar beams in `base_link` [rad], shape (BEAMS,), ascending from -pi."""
    return _BEARINGS


def _drive(
    simulation: Simulation,
    session: int,
    anchor: tuple[float, float],
    settings: CollectSettings,
    random: np.random.Generator,
    frames: Frames,
) -> None:
    view, camera = CylindricalView(), simulation.settings.camera.model
    driver = ExplorativeDriver(int(random.integers(2**31)), RATE)
    observation = simulation.reset(_near(simulation.truth, anchor, settings.spread, random))

    def keep(
        image: NDArray[np.uint8], pose: _Pose, twist: tuple[float, float], step: int, collided: bool
    ) -> None:
        frames["image"].append(view(image, camera))
        frames["pose"].append(np.array(pose, np.float32))
        frames["twist"].append(np.array(twist, np.float32))
        frames["lidar"].append(simulation.scan(_BEARINGS, LIDAR_LIMIT, pose).astype(np.float16))
        frames["clearance"].append(_clearance(simulation, pose).astype(np.float16))
        frames["session"].append(np.int16(session))
        frames["step"].append(np.int16(step))
        frames["collided"].append(np.bool_(collided))

    collisions, driven = 0, []
    for step in range(settings.steps):
        scan = _clearance(simulation, simulation.pose)
        state = observation.collision
        bumped = simulation.collisions > collisions or state.stuck
        collisions = simulation.collisions
        twist = driver(_BEARINGS, scan, bumped)
        pose = simulation.pose
        keep(observation.image, pose, (twist.linear, twist.angular), step, bumped)
        driven.append(pose)
        observation = simulation.step(twist)
        if state.flipped or state.outside_geofence:
            break
    for _ in range(settings.strays):
        stray = _stray(simulation.truth, driven[int(random.integers(len(driven)))], random)
        if stray is not None:
            keep(simulation.render_at(stray), stray, (0.0, 0.0), -1, False)


def _clearance(simulation: Simulation, pose: _Pose) -> NDArray[np.float32]:
    """Metres to the nearest thing at any height that would stop the robot, shape (BEAMS,)."""
    scans = [simulation.scan(_BEARINGS, LIDAR_LIMIT, pose, height) for height in SCAN_HEIGHTS]
    nearest: NDArray[np.float32] = np.minimum.reduce(scans)
    return nearest


def _near(truth: TruthMap, anchor: tuple[float, float], spread: float, random: np.random.Generator) -> _Pose:
    for _ in range(200):
        pose = truth.sample_free_pose(random)
        if np.hypot(pose[0] - anchor[0], pose[1] - anchor[1]) < spread:
            return pose
    return (*anchor, float(random.uniform(-pi, pi)))


def _stray(truth: TruthMap, pose: _Pose, random: np.random.Generator) -> _Pose | None:
    """A free pose up to some metres from a driven one, in sight of it, turned by up to a right angle."""
    x, y, yaw = pose
    for _ in range(20):
        distance, direction = abs(random.normal(0, 5.0)), random.uniform(-pi, pi)
        a, b = x + distance * cos(direction), y + distance * sin(direction)
        if truth.is_free(a, b) and truth.line_of_sight((x, y), (a, b)):
            turned = yaw + random.normal(0, 0.7)
            return float(a), float(b), float((turned + pi) % (2 * pi) - pi)
    return None
