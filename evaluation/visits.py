"""Everything one method does in one world: find the goal, come back to it, wake up somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf, nan, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.demonstration import demonstrate
from cairn.evaluation.episode_runner import SearchOutcome, as_observation, run_search
from cairn.evaluation.task import SearchTask
from cairn.hardware.sim.simulation import Simulation
from cairn.navigation.decision import Phase
from cairn.navigation.pose import Pose
from cairn.navigation.searcher import Searcher

COLD_START_SECONDS = 20.0
LOCALISED_WITHIN = 5.0  # [m] between the robot and the place it believes to be at

_CARRIED_BACK = 30.0  # [s] between two visits


@dataclass(frozen=True)
class ColdStart:
    """Where a robot put down anywhere on its map believed to be after twenty seconds.

    Attributes:
        verdict: "correct", "wrong" or "lost"; lost is what the searcher itself said.
        error: metres between the robot and that place, NaN when lost.
    """

    verdict: str
    error: float


class Visits:
    """One searcher in one world; each method is one visit, on a clock that never runs backwards."""

    def __init__(self, searcher: Searcher, task: SearchTask, seed: int) -> None:
        self._searcher = searcher
        self._task = task
        self._seed = seed
        self._epoch = 0.0
        self._track = np.zeros((0, 4))

    def watch(self, simulation: Simulation) -> None:
        """Show the searcher a drive along the shortest path."""
        driven = demonstrate(self._searcher, simulation, self._task, self._epoch)
        self._finish(driven)

    def search(self, simulation: Simulation, budget: float, known_start: bool) -> SearchOutcome:
        """From the task's start to the goal photo."""
        simulation.reset(self._task.start)
        self._searcher.begin(self._task.goal_image, self._seed, known_start=known_start)
        outcome = run_search(self._searcher, simulation, self._task, budget, self._epoch)
        self._finish(np.column_stack([outcome.trace.stamp, outcome.trace.truth]))
        return outcome

    def cold_start(self, simulation: Simulation) -> ColdStart | None:
        """Put the robot down where it has been, with any heading, and see where it believes to be.

        None for a searcher without a map.
        """
        if not self._searcher.node_stamps() or not len(self._track):
            return None
        random = np.random.default_rng([self._seed, 40])
        _, x, y, _ = self._track[int(random.integers(len(self._track)))]
        simulation.reset((x, y, float(random.uniform(-pi, pi))))
        self._searcher.begin(self._task.goal_image, self._seed, known_start=False)
        observed = simulation.sense()
        verdict = ColdStart("lost", nan)
        while simulation.time < COLD_START_SECONDS:
            here = Pose(*simulation.pose)
            decision = self._searcher.step(as_observation(observed, self._epoch))
            verdict = self._judged(decision.node, here, verdict)
            if decision.phase in (Phase.REACHED, Phase.FAILED):
                break
            observed = simulation.step(decision.twist)
        return verdict

    def _judged(self, node: int, here: Pose, before: ColdStart) -> ColdStart:
        """The verdict after a decision that names `node`; one of this visit says nothing about the map."""
        if node < 0:
            return ColdStart("lost", nan)
        stamp = self._searcher.node_stamps().get(node, inf)
        if stamp >= self._epoch:
            return before
        _, x, y, _ = self._track[int(np.argmin(np.abs(self._track[:, 0] - stamp)))]
        error = hypot(x - here.x, y - here.y)
        return ColdStart("correct" if error <= LOCALISED_WITHIN else "wrong", error)

    def _finish(self, driven: NDArray[np.float64]) -> None:
        self._track = np.concatenate([self._track, driven])
        if len(driven):
            self._epoch = float(driven[-1, 0]) + _CARRIED_BACK


def summary(outcome: SearchOutcome) -> dict[str, Any]:
    """The outcome as a report's row has it."""
    return {
        "verdict": outcome.verdict.value,
        "seconds": round(outcome.seconds, 2),
        "driven_m": round(outcome.driven, 2),
        "collisions": outcome.collisions,
        "reason": outcome.reason,
    }
