"""From an image in user space to the gate's command, between real processes under the supervisor."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.performance.launched import node, run_until
from cairn.evaluation.performance.row import PerformanceRow
from cairn.evaluation.scenario import Scenario
from cairn.evaluation.task import SearchTask
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.camera_settings import CameraSettings
from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.navigation.pose import Pose

_SIZES = ((160, 120), (640, 480))
_FOV = 120.0  # [degrees]
_SEED, _ELSEWHERE = 1500, 1501
_RATE, _SPEED = 12.0, 0.8  # [Hz], [m/s] of the clip
_FRAMES = 120
_SECONDS = 60.0
_TIMEOUT = 180.0


def rows() -> list[PerformanceRow]:
    """p50 and p99 of the whole way, and the median share of each stage, with the recorder running."""
    return [row for width, height in _SIZES for row in _rows_at(width, height)]


def _rows_at(width: int, height: int) -> list[PerformanceRow]:
    with TemporaryDirectory() as folder:
        _write_clip(Path(folder), width, height)
        report = _run(Path(folder))
    whole, policy, own = (np.array(report[f"{name}_ms"]) for name in ("to_command", "to_policy", "explore"))
    if len(whole) < _SECONDS:
        raise CairnError(f"expected a few commands a second, got {len(whole)} in {_SECONDS:.0f} s")
    way, count = f"{width}x{height} image to gated command", len(whole)
    median, slow = np.percentile(whole, [50, 99])
    decided = float(np.median(own))
    stages = {
        "transport to the policy and back": float(np.median(policy)) - decided,
        "deciding": decided,
        "the gate": float(np.median(whole - policy)),
    }
    return [
        PerformanceRow("latency", f"{way}, p50", float(median), "ms", "<=", 8.0, count),
        PerformanceRow("latency", f"{way}, p99", float(slow), "ms", "<=", 20.0, count),
        *(PerformanceRow("latency", f"{way}, of which {name}", ms, "ms", samples=count)
          for name, ms in stages.items()),
    ]  # fmt: skip


def _write_clip(folder: Path, width: int, height: int) -> None:
    """What a robot sees that follows a path, and a goal of another world."""
    camera = CameraSettings(width=width, height=height, horizontal_fov=_FOV)
    settings = SimulationSettings(camera)
    simulation = Scenario(_SEED).open(settings=settings)
    poses = _poses(Scenario(_SEED).task(simulation))
    images = np.stack([simulation.render_at(pose) for pose in poses])
    simulation.close()
    np.savez(folder / "clip.npz", images=images, poses=np.array(poses, float), rate=_RATE)
    other: Simulation = Scenario(_ELSEWHERE).open(settings=settings)
    photo = Scenario(_ELSEWHERE).task(other).goal_image
    other.close()
    cv2.imwrite(str(folder / "goal.png"), cv2.cvtColor(photo, cv2.COLOR_RGB2BGR))


def _poses(task: SearchTask) -> list[Pose]:
    """Along the shortest path, looking ahead."""
    steps = np.hypot(*np.diff(task.shortest_path, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.arange(0.0, along[-1], _SPEED / _RATE)[:_FRAMES]

    def at(distance: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([np.interp(distance, along, axis) for axis in task.shortest_path.T], -1)

    here, ahead = at(wanted), at(wanted + 1.0)
    yaw = np.arctan2(*(ahead - here).T[::-1])
    return [Pose(float(x), float(y), float(angle)) for (x, y), angle in zip(here, yaw, strict=True)]


def _run(folder: Path) -> Any:
    """Explore node, gate and recorder, with a node that plays camera and base; what that one reports."""
    share = "$(find-pkg-share cairn)/launch/parameters"
    report = folder / "report.json"
    load = {
        "clip": str(folder / "clip.npz"),
        "goal": str(folder / "goal.png"),
        "report": str(report),
        "field_of_view": _FOV,
        "seconds": _SECONDS,
    }
    nodes = [
        node("command_gate", {"camera_timeout": 0.3}, f"{share}/gate.yaml"),
        node("explore", {}, f"{share}/explore.yaml"),
        node("recorder", {"directory": str(folder), "name": "run"}, f"{share}/recorder.yaml"),
        node("latency_load", load),
    ]
    run_until("latency_load", nodes, folder, "the latency benchmark", _TIMEOUT)
    if not report.exists():
        raise CairnError("the latency benchmark ended without a report")
    return json.loads(report.read_text(encoding="utf-8"))
