"""Run a searcher in a simulated world and let the simulator judge it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from time import perf_counter

from cairn.evaluation.task import SearchTask
from cairn.evaluation.trace import Trace, TraceRecorder
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import SimObservation, Simulation
from cairn.navigation.decision import Phase
from cairn.navigation.pose import Pose
from cairn.navigation.searcher import Observation, Searcher

BUDGET = 1200.0  # [s] of simulated time, RECON's twenty minutes


class Verdict(str, Enum):
    """How a search ended, as the simulator sees it."""

    REACHED = "reached"
    FALSE_DECLARATION = "false declaration"
    GAVE_UP = "gave up"
    OUT_OF_TIME = "out of time"
    FLIPPED = "flipped"


@dataclass(frozen=True)
class SearchOutcome:
    """One search, judged.

    Attributes:
        seconds: simulated time until it ended.
        driven: metres really driven.
        collisions: distinct contacts.
        reason: what the searcher said in its last decision.
    """

    verdict: Verdict
    seconds: float
    driven: float
    collisions: int
    reason: str
    trace: Trace

    @property
    def success(self) -> bool:
        return self.verdict is Verdict.REACHED


def run_search(
    searcher: Searcher, simulation: Simulation, task: SearchTask, budget: float = BUDGET, epoch: float = 0.0
) -> SearchOutcome:
    """Step `searcher`, whose `begin` was called, until it declares, gives up or `budget` [s] is spent.

    The robot stands where the caller has reset it to.  `epoch` [s] is added to every stamp, so that time
    goes on across resets as it does for a robot that is carried back.
    """
    if not budget > 0:
        raise CairnError(f"a time budget must be positive, got {budget}")
    recorder = TraceRecorder()
    observed = simulation.sense()
    verdict, reason = Verdict.OUT_OF_TIME, ""
    while simulation.time < budget:
        observation = as_observation(observed, epoch)
        started = perf_counter()
        decision = searcher.step(observation)
        decide_ms = (perf_counter() - started) * 1000
        recorder.add(Pose(*simulation.pose), observation, decision, decide_ms)
        reason = decision.reason
        if decision.phase is Phase.REACHED:
            true = task.is_reached_from(Pose(*simulation.pose), simulation.truth)
            verdict = Verdict.REACHED if true else Verdict.FALSE_DECLARATION
            break
        if decision.phase is Phase.FAILED:
            verdict = Verdict.GAVE_UP
            break
        searcher.ponder()
        observed = simulation.step(decision.twist)
        if observed.collision.flipped:
            verdict = Verdict.FLIPPED
            break
    return SearchOutcome(
        verdict,
        simulation.time,
        simulation.distance_travelled,
        simulation.collisions,
        reason,
        recorder.trace(),
    )


def as_observation(observed: SimObservation, epoch: float = 0.0) -> Observation:
    """What the real robot's sensors would have said: no ground truth but touch and spinning wheels."""
    odometry = replace(observed.odometry, stamp=observed.odometry.stamp + epoch)
    collided = observed.collision.physical or observed.collision.stuck
    return Observation(observed.image, odometry, observed.stamp + epoch, collided)
