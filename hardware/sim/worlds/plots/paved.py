"""Paved cells: squares, markets, parking."""

from __future__ import annotations

import numpy as np

from cairn.hardware.sim.worlds.geometry import Rect, footprint
from cairn.hardware.sim.worlds.objects.barriers import barrier
from cairn.hardware.sim.worlds.objects.furniture import bench, bollards, kerb, lamp, stall, table
from cairn.hardware.sim.worlds.objects.vegetation import planter, tree
from cairn.hardware.sim.worlds.objects.vehicles import vehicle
from cairn.hardware.sim.worlds.site import Site

WHITE, YELLOW = (215.0, 215.0, 210.0), (215.0, 175.0, 50.0)


def square(site: Site, cell: Rect) -> None:
    """A small square: patterned paving, a landmark, planters, benches, lamps."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, str(rng.choice(["tiles", "paving", "tiles", "concrete"])))
    inner = cell.inset(0.5)
    if rng.random() < 0.45:
        site.fence(inner, site.some_gates(cell, 3), site.fence_style((0.8, 1.3)))
    site.landmark(inner.inset(2), center=True)
    site.landmark(inner.inset(1))

    def plant(spot: tuple[float, float]) -> None:
        size = (float(rng.uniform(0.9, 2.4)), float(rng.uniform(0.8, 1.1)))
        planter(builder, spot, size, float(rng.choice([0.0, np.pi / 2])))

    site.scatter(inner, int(rng.integers(2, 6)), 1.2, plant)
    site.scatter(
        inner, int(rng.integers(1, 4)), 1.0, lambda spot: bench(builder, spot, float(rng.uniform(0, 3)))
    )
    site.scatter(inner, int(rng.integers(1, 3)), 0.4, lambda spot: lamp(builder, spot))
    site.scatter(inner, int(rng.integers(1, 4)), 0.6, lambda spot: tree(builder, spot, 0.8))


def market(site: Site, cell: Rect) -> None:
    """Rows of stalls, café tables, and lanes between them."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, str(rng.choice(["paving", "tiles", "concrete"])))
    inner = cell.inset(1.8)
    pitch = float(rng.uniform(4.2, 5.0))
    for y in np.arange(inner.y0 + 1, inner.y1 - 0.8, pitch):
        for x in np.arange(inner.x0 + 1.6, inner.x1 - 1.4, 2.75):
            area = footprint(x, y, 2.1, 1.5)
            if rng.random() < 0.78 and site.fits(area):
                stall(builder, (float(x), float(y)), 0.0 if rng.random() < 0.5 else np.pi)
    site.scatter(cell.inset(0.3), 3, 1.1, lambda spot: table(builder, spot))
    site.landmark(cell.inset(0.5))


def parking(site: Site, cell: Rect, screened: bool = True) -> None:
    """Rows of bays with painted lines, planted ends, hedges or kerbs between rows, a lorry or two."""
    rng, builder = site.rng, site.builder
    ground = builder.ground
    ground.rect(cell, str(rng.choice(["asphalt", "asphalt", "asphalt", "concrete", "paving", "gravel"])))
    along_x = cell.width >= cell.height
    length, depth = (cell.width, cell.height) if along_x else (cell.height, cell.width)

    def at(u: float, v: float) -> tuple[float, float]:
        return (cell.x0 + u, cell.y0 + v) if along_x else (cell.x0 + v, cell.y0 + u)

    turn = 0.0 if along_x else np.pi / 2
    colour = WHITE if rng.random() < 0.7 else YELLOW
    v, facing = 0.3, 1
    while v + 5.2 <= depth - 0.2:
        for u in np.arange(0.8, length - 2.9, 2.7):
            ground.line(at(u, v), at(u, v + 5.0), 0.12, colour)
            yaw = np.pi / 2 * facing if along_x else np.pi / 2 * (1 - facing)
            site.movables.park(*at(u + 1.35, v + 2.6), yaw + (np.pi if rng.random() < 0.4 else 0))
        ends = (0.4, length - 0.4)
        for u in ends:
            if rng.random() < 0.5 and site.fits(footprint(*at(u, v + 2.5), 0.9, 4.6, turn)):
                planter(builder, at(u, v + 2.5), (0.9, 4.6), turn)
        if facing == 1:
            v += 5.0
            if screened and depth - v > 6 and rng.random() < 0.75:
                gap = (float(rng.uniform(2, length - 2)), 2.2)
                barrier(
                    builder,
                    at(0.5, v + 0.15),
                    at(length - 0.5, v + 0.15),
                    site.fence_style((1.0, 2.0)),
                    [gap],
                )
            else:
                kerb(
                    builder,
                    at(0.5, v + 0.15),
                    at(length - 0.5, v + 0.15),
                    float(rng.choice([0.03, 0.03, 0.14])),
                )
            v, facing = v + 0.4, -1
        else:
            v, facing = v + 5.0 + float(rng.uniform(4.5, 6.5)), 1
    for _ in range(int(rng.integers(0, 3))):
        spot = at(float(rng.uniform(4, max(4.1, length - 4))), float(rng.uniform(2, max(2.1, depth - 2))))
        if site.fits(footprint(*spot, 7.2, 2.5, turn)):
            vehicle(builder, spot, turn, "lorry", builder.look)
    for _ in range(int(rng.integers(2, 7))):
        oil = (float(rng.uniform(cell.x0, cell.x1)), float(rng.uniform(cell.y0, cell.y1)))
        ground.blot(oil, float(rng.uniform(0.3, 1.2)), (35, 35, 38), 0.6)


def lane(site: Site, strip: Rect, material: str, lamps: bool = True) -> None:
    """A street or path: surface, centre line or edge lines, lamps and benches along it."""
    rng, builder = site.rng, site.builder
    ground = builder.ground
    ground.rect(strip, material)
    along_x = strip.width >= strip.height
    length, width = max(strip.width, strip.height), min(strip.width, strip.height)

    def at(u: float, v: float) -> tuple[float, float]:
        return (strip.x0 + u, strip.y0 + v) if along_x else (strip.x0 + v, strip.y0 + u)

    if material == "asphalt" and width > 5:
        walk = str(rng.choice(["paving", "concrete"]))
        for edge in (0.0, width - 1.2):
            a, b = at(0, edge), at(length, edge + 1.2)
            ground.rect(Rect(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])), walk)
            inner_edge = 1.2 if edge == 0.0 else edge
            kerb(builder, at(0.5, inner_edge), at(length - 0.5, inner_edge))
        for u in np.arange(1, length - 2, 3.0):
            ground.line(at(u, width / 2), at(u + 1.5, width / 2), 0.14, WHITE)
        if rng.random() < 0.6:
            start = float(rng.uniform(2, max(2.1, length - 5)))
            for v in np.arange(1.6, width - 1.6, 0.9):
                ground.line(at(start, v), at(start + 2.5, v), 0.42, WHITE)
        for u in np.arange(5, length - 5, 6.5):
            side = 2.2 if rng.random() < 0.5 else width - 2.2
            turn = 0.0 if along_x else np.pi / 2
            if width > 6:
                site.movables.park(*at(float(u), side), turn + (np.pi if rng.random() < 0.5 else 0))
    if lamps:
        for u in np.arange(float(rng.uniform(2, 8)), length - 1, float(rng.uniform(11, 18))):
            spot = at(float(u), 0.45 if rng.random() < 0.5 else width - 0.45)
            if site.fits(footprint(*spot, 0.3, 0.3)):
                lamp(builder, spot)
    if rng.random() < 0.4 and width > 3.5:
        spots = [at(length * 0.5, v) for v in np.arange(0.5, width - 0.3, 1.85)]
        if all(site.builder.free.is_free(footprint(*spot, 0.4, 0.4)) for spot in spots):
            bollards(builder, spots)
