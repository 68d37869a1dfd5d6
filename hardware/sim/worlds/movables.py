"""Cars, cones and bins: what stands elsewhere on another day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.geometry import Array, Point, footprint
from cairn.hardware.sim.worlds.objects.vehicles import BODIES, vehicle
from cairn.hardware.sim.worlds.textures.surfaces import Rng, random_colour

CARS = ("saloon", "hatchback", "estate", "pickup", "van")
CAR_WEIGHTS = (0.32, 0.28, 0.18, 0.08, 0.14)
SMALL = {"cone": 0.36, "bin": 0.62, "barrel": 0.6}
"""Side of the square that a small thing covers, metres."""


@dataclass(frozen=True)
class Spot:
    """A pose where a vehicle may be parked; yaw in radians."""

    x: float
    y: float
    yaw: float
    longest: float = 5.3


@dataclass(frozen=True)
class Movable:
    """One thing, by kind, with the number from which its look is drawn wherever it stands."""

    kind: str
    number: int


class Movables:
    """Collects parking places and decides, by the conditions, what stands where."""

    def __init__(self, builder: WorldBuilder, occupancy: float, small: int) -> None:
        """`occupancy` is the share of parking places taken; `small` the number of cones and bins."""
        self._builder = builder
        self._occupancy = occupancy
        self._small = small
        self.spots: list[Spot] = []

    def park(self, x: float, y: float, yaw: float, longest: float = 5.3) -> None:
        self.spots.append(Spot(x, y, yaw, longest))

    def place(self) -> None:
        """Put everything down; with moved obstacles at other places, and some more of them."""
        builder, conditions = self._builder, self._builder.conditions
        home = builder.stream("movables")
        order = home.permutation(len(self.spots))
        taken = [self.spots[i] for i in order[: round(self._occupancy * len(self.spots))]]
        cars = [Movable(str(home.choice(CARS, p=CAR_WEIGHTS)), i) for i in range(len(taken))]
        smalls = [Movable(str(home.choice(list(SMALL))), 1000 + i) for i in range(self._small)]
        rng = home
        if conditions.moved_obstacles:
            rng = builder.stream("moved", conditions.obstacle_seed)
            pool = [self.spots[i] for i in rng.permutation(len(self.spots))]
            keep = [s for s in taken if rng.random() < 0.35]
            taken = (keep + [s for s in pool if s not in keep])[: len(cars) + int(rng.integers(0, 3))]
            first = len(cars)
            cars += [
                Movable(str(rng.choice(CARS, p=CAR_WEIGHTS)), 2000 + i) for i in range(len(taken) - first)
            ]
            smalls += [
                Movable(str(rng.choice(list(SMALL))), 3000 + i) for i in range(int(rng.integers(3, 8)))
            ]
        for spot, car in zip(taken, cars, strict=False):
            self._park(spot, car)
        for small in smalls:
            self._scatter(small, rng)

    def _park(self, spot: Spot, car: Movable) -> None:
        look = self._builder.stream("movable", car.number)
        kind = car.kind if BODIES[car.kind].length <= spot.longest else "hatchback"
        body = BODIES[kind]
        area = footprint(spot.x, spot.y, body.length + 0.1, body.width + 0.1, spot.yaw)
        if self._builder.free.is_free(area) and self._builder.free.keeps_passages(area):
            vehicle(self._builder, (spot.x, spot.y), spot.yaw, kind, look)

    def _scatter(self, small: Movable, rng: Rng) -> None:
        """Some free place beside something; whatever would narrow a passage is left away."""
        free = self._builder.free
        rows, columns = np.nonzero(free.main_region())
        for _ in range(12):
            pick = int(rng.integers(len(rows)))
            x, y = free.cell_center(int(rows[pick]), int(columns[pick]))
            side = SMALL[small.kind]
            area: Array = footprint(x, y, side, side)
            if free.is_free(area) and free.keeps_passages(footprint(x, y, side + 0.5, side + 0.5)):
                _small_thing(self._builder, small, (x, y))
                return


def _small_thing(builder: WorldBuilder, thing: Movable, center: Point) -> None:
    look, make = builder.stream("movable", thing.number), builder.shapes
    half = SMALL[thing.kind] / 2
    if thing.kind == "cone":
        orange, white = make.swatch((235, 95, 25)), make.swatch((240, 240, 240))
        make.box(center, (2 * half, 2 * half), (0, 0.04), orange, orange)
        for low, high, region in ((0.04, 0.3, orange), (0.3, 0.48, white), (0.48, 0.72, orange)):
            radii = tuple(0.15 * (1 - z / 0.85) for z in (low, high))
            make.prism(center, (radii[0], radii[1]), (low, high), region, 7)
        builder.solid_cylinder("cone", center, half, 0.72)
    elif thing.kind == "bin":
        body = make.swatch(random_colour(look, (0.2, 1), (0.2, 0.8)))
        lid = make.swatch(random_colour(look, (0.3, 1), (0.3, 0.95)))
        yaw = float(look.uniform(0, 1.5))
        make.box(center, (2 * half - 0.06, 2 * half - 0.06), (0.05, 0.95), body, None, yaw)
        make.box(center, (2 * half, 2 * half), (0.95, 1.08), lid, lid, yaw)
        builder.solid_box("bin", center, (2 * half, 2 * half), 1.08, yaw)
    else:
        a, b = make.swatch(random_colour(look, (0.4, 1), (0.4, 0.95))), make.swatch((245, 245, 245))
        for low, high, region in ((0, 0.35, a), (0.35, 0.6, b), (0.6, 0.95, a)):
            make.prism(center, (half, half), (low, high), region, 8)
        builder.solid_cylinder("barrel", center, half, 0.95)
