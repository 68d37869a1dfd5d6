"""One world of a benchmark and the light it is visited in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cairn.evaluation.seeds import REPORTED
from cairn.evaluation.task import SearchTask, draw_task
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.sim.simulation_settings import SimulationSettings
from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.generate import KINDS, generate_world
from cairn.hardware.sim.worlds.world_file import load_world, site_pose
from cairn.navigation.pose import Pose

VARIED = "varied"

_CHANGED = 500_000  # keeps the second drawing of conditions apart from every world's first


@dataclass(frozen=True)
class Scenario:
    """A world by seed, or from a file, under conditions.

    Attributes:
        conditions: as `Conditions.parse` reads them, or "varied": drawn by seed.
        world_file: an MJCF file instead of a generated world; `seed` then draws start and goal alone.
    """

    seed: int
    conditions: str = VARIED
    world_file: Path | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.seed < REPORTED.stop:
            raise CairnError(f"a world's seed must lie in 0..{REPORTED.stop - 1}, got {self.seed}")
        self.first_conditions  # noqa: B018  refuses bad conditions here, not in a worker an hour later

    @property
    def kind(self) -> str:
        """Kinds take turns by seed, so that every run of seeds has as many of each."""
        return "file" if self.world_file else KINDS[self.seed % len(KINDS)]

    @property
    def first_conditions(self) -> Conditions:
        """Of the search and the way back."""
        if self.conditions == VARIED:
            return replace(Conditions.sample(self.seed), moved_obstacles=False)
        return Conditions.parse(self.conditions)

    @property
    def changed_conditions(self) -> Conditions:
        """Another light and weather, with cars, cones and bins moved."""
        return replace(Conditions.sample(self.seed + _CHANGED), moved_obstacles=True)

    def open(self, changed: bool = False, settings: SimulationSettings | None = None) -> Simulation:
        """The simulated world; the caller closes it."""
        conditions = self.changed_conditions if changed else self.first_conditions
        if self.world_file:
            world = load_world(self.world_file)
        else:
            world = generate_world(self.kind, self.seed, conditions)
        return Simulation(world, settings, seed=self.seed + (_CHANGED if changed else 0))

    def task(self, simulation: Simulation) -> SearchTask:
        """Drawn by seed; a world file's sites named `start` and `goal` are taken where it has them."""
        start, goal = (site_pose(simulation.model, name) for name in ("start", "goal"))
        return draw_task(
            simulation, self.seed, Pose(*start) if start else None, Pose(*goal) if goal else None
        )
