"""The photo before a demonstration, and its report afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importing these asks for OpenGL
    from cairn.evaluation.task import SearchTask
    from cairn.hardware.sim.truth_map import TruthMap
    from cairn.nodes.sim_settings import SimSettings


@dataclass(frozen=True)
class DemoTask:
    """What is searched, and the truth by which it will be judged."""

    world: str
    conditions: str
    task: SearchTask
    truth: TruthMap

    @classmethod
    def draw(cls, settings: SimSettings) -> DemoTask:
        """The task that the simulator draws from the same settings."""
        simulation = settings.open()
        try:
            task = settings.task(simulation)
            return cls(simulation.world.name, str(simulation.world.conditions), task, simulation.truth)
        finally:
            simulation.close()

    def write_photo(self, path: Path) -> None:
        """As PNG.  Raises CairnError when it can't be written."""
        from cairn.nodes.goal_capture import capture_goal

        capture_goal(self.task.goal_image, path)


@dataclass(frozen=True)
class DemoReport:
    """Where the report is, and each visit's verdict in the simulator's words."""

    path: Path
    verdicts: list[str]


def write_demo_report(
    path: Path, bag: Path, map_path: Path, drawn: DemoTask, settings: Any, names: Sequence[str]
) -> DemoReport:
    """From the bag and the map of a run.  Raises CairnError when that fails."""
    from cairn.evaluation.recorded_run import RecordedRun
    from cairn.evaluation.report import write_report
    from cairn.evaluation.run_record import MapPicture, RunRecord
    from cairn.navigation.graph import map_file

    run = RecordedRun(bag)
    visits = run.visits(names, drawn.task, drawn.truth)
    graph = map_file.load(map_path) if map_path.exists() else None
    grid = drawn.truth.grid
    latencies = run.latencies_ms
    record = RunRecord(
        title=f"Search in {drawn.world}",
        goal_image=drawn.task.goal_image,
        start=drawn.task.start,
        goal=drawn.task.goal,
        shortest_length=drawn.task.shortest_length,
        map=MapPicture(drawn.truth.occupied, grid.origin, grid.resolution),
        visits=tuple(visits),
        graph=None if graph is None or not len(graph) else run.graph(graph),
        latencies_ms={"image to command, explore node": latencies} if len(latencies) else {},
        details={
            "world": drawn.world,
            "seed": str(settings.seed),
            "conditions": drawn.conditions,
            "policy": settings.bundle,
            "budget": f"{settings.budget:g} s",
            "bag": str(bag),
        },
    )
    return DemoReport(write_report(record, path), [visit.verdict for visit in visits])
