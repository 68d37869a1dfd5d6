"""Industrial cells: sheds, container stacks, tank farms, stores of goods."""

from __future__ import annotations

import numpy as np

from cairn.hardware.sim.worlds.geometry import Rect, footprint
from cairn.hardware.sim.worlds.objects.furniture import container, crates
from cairn.hardware.sim.worlds.objects.landmarks import silo
from cairn.hardware.sim.worlds.objects.vehicles import vehicle
from cairn.hardware.sim.worlds.site import Site


def containers(site: Site, cell: Rect) -> None:
    """Stacks in rows with alleys of 2 to 4 m; some alleys end at a container set across."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, str(rng.choice(["concrete", "asphalt", "gravel"])))
    along_x = cell.width >= cell.height
    length, depth = (cell.width, cell.height) if along_x else (cell.height, cell.width)
    turn = 0.0 if along_x else np.pi / 2

    def at(u: float, v: float) -> tuple[float, float]:
        return (cell.x0 + u, cell.y0 + v) if along_x else (cell.x0 + v, cell.y0 + u)

    v = 1.4
    while v < depth - 1.3:
        u = 3.2 + float(rng.uniform(0, 1.5))
        while u < length - 3.1:
            size = 6.1 if rng.random() < 0.8 or u > length - 6.5 else 12.2
            center = at(u + (size - 6.1) / 2, v)
            area = footprint(*center, size - 0.8, 2.44, turn)
            if rng.random() < 0.85 and site.fits(area):
                container(builder, center, turn, int(rng.integers(1, 4)), size)
            u += size + (0.05 if rng.random() < 0.6 else float(rng.uniform(1.9, 3.0)))
        if rng.random() < 0.4:
            cross = at(float(rng.uniform(2, length - 2)), v + 3.0)
            if site.fits(footprint(*cross, 2.44, 3.4, turn)):
                crates(builder, cross, (2.4, 3.3), float(rng.uniform(1.2, 2.4)), turn)
        v += 2.44 + float(rng.uniform(2.0, 4.0))


def tanks(site: Site, cell: Rect) -> None:
    """Tanks and silos inside a bund or fence with one gate."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, str(rng.choice(["concrete", "gravel"])))
    inner = cell.inset(0.5)
    site.fence(inner, site.some_gates(cell, 2))
    site.scatter(inner.inset(0.4), int(cell.width * cell.height / 60), 2.4, lambda spot: silo(builder, spot))
    site.landmark(inner.inset(0.5))


def store(site: Site, cell: Rect) -> None:
    """Stacked goods, drums and parked lorries behind a fence."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, str(rng.choice(["concrete", "gravel", "soil", "asphalt"])))
    inner = cell.inset(0.5)
    site.fence(inner, site.some_gates(cell, 2), width=(2.0, 3.5))

    def stack(spot: tuple[float, float]) -> None:
        size = (float(rng.uniform(1.2, 2.6)), float(rng.uniform(1.0, 2.2)))
        crates(
            builder, spot, size, float(rng.uniform(0.7, 2.8)), float(rng.choice([0.0, 0.0, 0.3, np.pi / 2]))
        )

    for _ in range(2):
        spot = inner.inset(3)
        center = (float(rng.uniform(spot.x0, spot.x1)), float(rng.uniform(spot.y0, spot.y1)))
        yaw = float(rng.choice([0.0, np.pi / 2]))
        if rng.random() < 0.7 and site.fits(footprint(*center, 7.2, 2.5, yaw)):
            vehicle(builder, center, yaw, "lorry", builder.look)
    site.scatter(inner, int(cell.width * cell.height / 28), 1.5, stack)
    site.landmark(inner.inset(0.5))
