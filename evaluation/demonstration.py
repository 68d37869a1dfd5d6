"""A demonstrated way to the goal, driven by someone who knows the world."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.episode_runner import as_observation
from cairn.evaluation.path_driver import PathDriver
from cairn.evaluation.task import SearchTask
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import Simulation
from cairn.navigation.pose import Pose
from cairn.navigation.searcher import Searcher

_TURNING = 15.0  # [s] for the turns at both ends
_SLOWEST = 0.25  # [m/s] mean speed below which the demonstrator is stuck


def demonstrate(
    searcher: Searcher, simulation: Simulation, task: SearchTask, epoch: float = 0.0
) -> NDArray[np.float64]:
    """Drive the shortest path in the same dynamics while `searcher` watches.

    Returns stamp [s] and true x, y [m], yaw [rad] of every frame shown, shape (N, 4).
    The demonstrator turns to the goal photo's heading at the end.  Raises CairnError when it can't get there.
    """
    simulation.reset(task.start)
    driver = PathDriver(task.shortest_path, final_yaw=task.goal.yaw)
    observed = simulation.sense()
    track: list[tuple[float, ...]] = []
    deadline = _TURNING + task.shortest_length / _SLOWEST
    while simulation.time < deadline:
        observation = as_observation(observed, epoch)
        searcher.watch(observation)
        track.append((observation.stamp, *simulation.pose))
        twist = driver.twist(Pose(*simulation.pose))
        if twist is None:
            return np.array(track)
        observed = simulation.step(twist)
    raise CairnError(
        f"the demonstrator needs more than {deadline:.0f} s for {task.shortest_length:.0f} m in "
        f"{simulation.world.name}: it is stuck at {Pose(*simulation.pose)}"
    )
