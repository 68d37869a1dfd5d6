"""How much faster than real time the simulator runs on one core."""

from __future__ import annotations

import time

import numpy as np

from cairn.evaluation.performance.row import PerformanceRow
from cairn.evaluation.scenario import Scenario
from cairn.hardware.twist import Twist
from cairn.navigation.pose import Pose

_SEED = 1000
_SECONDS = 60.0


def rows() -> list[PerformanceRow]:
    """A drive of a simulated minute with the camera at the control rate, in one world of each kind."""
    from cairn.hardware.sim.worlds.generate import KINDS

    factors = [_real_time_factor(seed) for seed in range(_SEED, _SEED + len(KINDS))]
    return [
        PerformanceRow(
            "simulation",
            f"4 Hz camera and physics, slowest of {len(factors)} kinds",
            min(factors),
            "x real time",
            ">=",
            10.0,
            len(factors),
        ),
        PerformanceRow(
            "simulation",
            f"4 Hz camera and physics, median of {len(factors)} kinds",
            float(np.median(factors)),
            "x real time",
            samples=len(factors),
        ),
    ]


def _real_time_factor(seed: int) -> float:
    """Process time, so that a busy machine does not slow the clock; the renderer may use one thread alone."""
    simulation = Scenario(seed, "clear").open()
    try:
        random = np.random.default_rng(seed)
        simulation.reset(Pose(*simulation.truth.sample_free_pose(random)))
        simulation.step(Twist())
        begun, started = simulation.time, time.process_time()
        while simulation.time - begun < _SECONDS:
            simulation.step(Twist(0.8, float(random.uniform(-0.8, 0.8))))
        return (simulation.time - begun) / (time.process_time() - started)
    finally:
        simulation.close()
