"""A demonstrated way to the goal, driven by someone who knows the world."""

from __future__ import annotations

from cairn.evaluation.episode_runner import as_observation
from cairn.evaluation.path_driver import PathDriver
from cairn.evaluation.task import SearchTask
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import Simulation
from cairn.navigation.pose import Pose
from cairn.navigation.searcher import Searcher

_SLOWEST = 0.25  # [m/s] mean speed below which the demonstrator is stuck


def demonstrate(searcher: Searcher, simulation: Simulation, task: SearchTask, epoch: float = 0.0) -> float:
    """Drive the shortest path in the same dynamics while `searcher` watches; returns the seconds it took.

    The demonstrator turns to the goal photo's heading at the end.  Raises CairnError when it can't get there.
    """
    simulation.reset(task.start)
    driver = PathDriver(task.shortest_path, final_yaw=task.goal.yaw)
    observed = simulation.sense()
    deadline = 30.0 + task.shortest_length / _SLOWEST
    while simulation.time < deadline:
        searcher.watch(as_observation(observed, epoch))
        twist = driver.twist(Pose(*simulation.pose))
        if twist is None:
            return simulation.time
        observed = simulation.step(twist)
    raise CairnError(
        f"the demonstrator needs more than {deadline:.0f} s for {task.shortest_length:.0f} m in "
        f"{simulation.world.name}: it is stuck at {Pose(*simulation.pose)}"
    )
