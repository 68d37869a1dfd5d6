"""Run one method in one world: a row of the report."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from cairn.evaluation.explore_settings import ExploreSettings
from cairn.evaluation.loaded_policy import load_policy
from cairn.evaluation.methods import METHODS, Method
from cairn.evaluation.scenario import Scenario
from cairn.evaluation.task import SearchTask
from cairn.evaluation.visits import Visits, summary
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import Simulation

Row = dict[str, Any]


def run_row(settings: ExploreSettings, method: str, seed: int) -> Row:
    """Deterministic but for `wall_s`.  A world that offers no task gives a row with `error` and no visits."""
    started = time.monotonic()
    scenario = Scenario(seed, settings.conditions, settings.world_file)
    row: Row = {
        "method": method,
        "seed": seed,
        "kind": scenario.kind,
        "conditions": str(scenario.first_conditions),
    }
    try:
        row |= _run(settings, METHODS[method], scenario)
    except CairnError as error:
        row["error"] = str(error)
    row["wall_s"] = round(time.monotonic() - started, 1)
    return row


def _run(settings: ExploreSettings, method: Method, scenario: Scenario) -> Row:
    simulation = scenario.open()
    try:
        task = scenario.task(simulation)
        policy = load_policy(settings.bundle, simulation.settings.camera.model)
        visits = Visits(method.build(policy, simulation, task), task, scenario.seed)
        if method.demonstrated:
            visits.watch(simulation)
        first = visits.search(simulation, settings.budget, known_start=method.demonstrated)
        row: Row = {"shortest_m": round(task.shortest_length, 2), "discovery": summary(first)}
        if settings.later_visits and method.remembers and first.success:
            row["second_visit"] = summary(visits.search(simulation, settings.return_budget, known_start=True))
            row["changed_visit"] = _changed_visit(settings, scenario, task, visits)
            cold = visits.cold_start(simulation)
            row["cold_start"] = None if cold is None else asdict(cold)
        return row
    finally:
        simulation.close()


def _changed_visit(
    settings: ExploreSettings, scenario: Scenario, task: SearchTask, visits: Visits
) -> Row | None:
    """The way back in another light with obstacles moved; None where they now block it."""
    simulation = scenario.open(changed=True)
    try:
        if not _is_possible(task, simulation):
            return None
        return summary(visits.search(simulation, settings.return_budget, known_start=True))
    finally:
        simulation.close()


def _is_possible(task: SearchTask, simulation: Simulation) -> bool:
    truth = simulation.truth
    if not (truth.is_free(task.start.x, task.start.y) and truth.is_free(task.goal.x, task.goal.y)):
        return False
    return len(truth.shortest_path((task.start.x, task.start.y), (task.goal.x, task.goal.y))) > 0
