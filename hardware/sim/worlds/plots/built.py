"""Cells with buildings: solid blocks, courtyards, rows of houses with gardens."""

from __future__ import annotations

import numpy as np

from cairn.hardware.sim.worlds.geometry import SIDES, Rect
from cairn.hardware.sim.worlds.objects.barriers import barrier
from cairn.hardware.sim.worlds.objects.buildings import building
from cairn.hardware.sim.worlds.objects.vegetation import bush, tree
from cairn.hardware.sim.worlds.site import Site


def block(site: Site, cell: Rect, use: str, height: tuple[float, float], longest: float = 12.0) -> None:
    """Buildings wall to wall, each with its own facade and height."""
    rng = site.rng
    if max(cell.width, cell.height) > longest:
        along_x = cell.width >= cell.height
        low, length = (cell.x0, cell.width) if along_x else (cell.y0, cell.height)
        first, _, second = cell.split(along_x, low + length * float(rng.uniform(0.35, 0.65)))
        block(site, first, use, height, longest)
        block(site, second, use, height, longest)
        return
    # Slightly different depths, so that the row of fronts is not one plane.
    step = float(rng.uniform(0, 0.4))
    building(site.builder, cell.inset(step), float(rng.uniform(*height)), use)


def courtyard(site: Site, cell: Rect, use: str, height: tuple[float, float]) -> None:
    """Wings around a yard that is entered through one or two passages."""
    rng = site.rng
    depth = float(np.clip(min(cell.width, cell.height) * rng.uniform(0.22, 0.3), 3.0, 6.0))
    yard = cell.inset(depth)
    if min(yard.width, yard.height) < 5:
        block(site, cell, use, height)
        return
    site.builder.ground.rect(yard, str(rng.choice(["paving", "grass", "tiles", "gravel"])))
    entries = site.some_gates(cell)
    wings = {
        "south": Rect(cell.x0, cell.y0, cell.x1, yard.y0),
        "north": Rect(cell.x0, yard.y1, cell.x1, cell.y1),
        "west": Rect(cell.x0, yard.y0, yard.x0, yard.y1),
        "east": Rect(yard.x1, yard.y0, cell.x1, yard.y1),
    }
    missing = str(rng.choice([s for s in SIDES if s not in entries])) if rng.random() < 0.4 else None
    for side, wing in wings.items():
        if side == missing:
            a, b = yard.side(side)
            barrier(site.builder, a, b, site.fence_style())
            if side in ("south", "north"):
                _corners(site, wing, yard, use, height)
        elif side in entries:
            along_x = side in ("south", "north")
            low, high = (yard.x0, yard.x1) if along_x else (yard.y0, yard.y1)
            gap = float(rng.uniform(1.9, 3.2))
            at = float(rng.uniform(low + gap / 2 + 0.3, high - gap / 2 - 0.3))
            first, passage, second = wing.split(along_x, at, gap)
            site.builder.free.reserve(passage.corners)
            site.builder.ground.rect(passage, "paving")
            building(site.builder, first, float(rng.uniform(*height)), use)
            building(site.builder, second, float(rng.uniform(*height)), use)
        else:
            building(site.builder, wing, float(rng.uniform(*height)), use)
    site.landmark(yard.inset(0.5), center=rng.random() < 0.5)
    site.scatter(yard, int(rng.integers(0, 3)), 0.5, lambda spot: tree(site.builder, spot, 0.8))


def _corners(site: Site, wing: Rect, yard: Rect, use: str, height: tuple[float, float]) -> None:
    """Towers at the ends of a side that has no wing."""
    for rect in (Rect(wing.x0, wing.y0, yard.x0, wing.y1), Rect(yard.x1, wing.y0, wing.x1, wing.y1)):
        building(site.builder, rect, float(site.rng.uniform(*height)), use)


def houses(site: Site, cell: Rect) -> None:
    """Rows of houses: front gardens towards a street, back gardens behind side passages."""
    sides = site.open_sides(cell) or list(SIDES)
    pairs = [("south", "north"), ("west", "east")]
    for low, high in pairs:
        depth = cell.height if low == "south" else cell.width
        if low in sides and high in sides and depth >= 25:
            first, _, second = cell.split(
                low == "west", (cell.center[0] if low == "west" else cell.center[1])
            )
            _row(site, first, low)
            _row(site, second, high)
            return
    _row(site, cell, str(site.rng.choice(sides)))


def _row(site: Site, cell: Rect, front: str) -> None:
    """Plots side by side along the front; the back boundary of the cell is closed by a fence."""
    rng = site.rng
    along_x = front in ("south", "north")
    length = cell.width if along_x else cell.height
    count = max(1, round(length / float(rng.uniform(9.5, 13))))
    for k in range(count):
        low, high = k / count, (k + 1) / count
        if along_x:
            plot = Rect(cell.x0 + cell.width * low, cell.y0, cell.x0 + cell.width * high, cell.y1)
        else:
            plot = Rect(cell.x0, cell.y0 + cell.height * low, cell.x1, cell.y0 + cell.height * high)
        _plot(site, plot, front, last=k == count - 1)


def _plot(site: Site, plot: Rect, front: str, last: bool) -> None:
    rng, builder = site.rng, site.builder
    ground = builder.ground
    ground.rect(plot, str(rng.choice(["grass", "grass", "gravel", "paving", "soil"])))
    along_x = front in ("south", "north")
    wide = plot.width if along_x else plot.height
    deep = plot.height if along_x else plot.width
    setback = float(rng.uniform(2.6, min(6.0, deep * 0.28)))
    house_deep = float(np.clip(deep * rng.uniform(0.35, 0.5), 5, 11))
    passage = float(rng.uniform(1.9, 3.0))
    margin = 0.25
    offset = margin if rng.random() < 0.5 else passage

    def local(u0: float, v0: float, u1: float, v1: float) -> Rect:
        """Plot coordinates: u along the street, v away from it."""
        if front == "south":
            return Rect(plot.x0 + u0, plot.y0 + v0, plot.x0 + u1, plot.y0 + v1)
        if front == "north":
            return Rect(plot.x0 + u0, plot.y1 - v1, plot.x0 + u1, plot.y1 - v0)
        if front == "west":
            return Rect(plot.x0 + v0, plot.y0 + u0, plot.x0 + v1, plot.y0 + u1)
        return Rect(plot.x1 - v1, plot.y0 + u0, plot.x1 - v0, plot.y0 + u1)

    house = local(offset, setback, offset + wide - passage - margin, setback + house_deep)
    building(builder, house, float(rng.uniform(3.2, 6.5)), "house")
    drive_u = 0.0 if offset == passage else wide - passage
    drive = local(drive_u, 0, drive_u + passage, setback + house_deep)
    ground.rect(drive, str(rng.choice(["asphalt", "paving", "gravel", "concrete"])))
    builder.free.reserve(local(drive_u, 0, drive_u + passage, setback + house_deep + 1.5).corners)

    def line(u0: float, v0: float, u1: float, v1: float) -> tuple[tuple[float, float], tuple[float, float]]:
        if front == "south":
            return (plot.x0 + u0, plot.y0 + v0), (plot.x0 + u1, plot.y0 + v1)
        if front == "north":
            return (plot.x0 + u0, plot.y1 - v0), (plot.x0 + u1, plot.y1 - v1)
        if front == "west":
            return (plot.x0 + v0, plot.y0 + u0), (plot.x0 + v1, plot.y0 + u1)
        return (plot.x1 - v0, plot.y0 + u0), (plot.x1 - v1, plot.y0 + u1)

    low, high = (0.9, 1.6), (1.6, 2.2)
    if rng.random() < 0.85:
        gate = (drive_u + passage / 2, passage - 0.1)
        barrier(builder, *line(0, 0.1, wide, 0.1), site.fence_style(low), [gate])
    barrier(
        builder,
        *line(0, 0, 0, deep),
        site.fence_style(high if rng.random() < 0.7 else low),
        [(deep - 2.2, 1.9)] if rng.random() < 0.25 and deep - setback - house_deep > 4.5 else [],
    )
    if last:
        barrier(builder, *line(wide, 0, wide, deep), site.fence_style(high))
    barrier(builder, *line(0, deep - 0.1, wide, deep - 0.1), site.fence_style(high))
    if rng.random() < 0.35 and deep - setback - house_deep > 3:  # A garden gate beside the house.
        v = setback + house_deep * float(rng.uniform(0.2, 0.8))
        barrier(
            builder,
            *line(drive_u, v, drive_u + passage, v),
            site.fence_style(high),
            [(passage / 2, passage - 0.3)],
        )
    back = local(0.6, setback + house_deep + 0.5, wide - 0.6, deep - 0.6)
    front_garden = local(0.6, 0.6, wide - 0.6, setback - 0.2)
    site.scatter(back, int(rng.integers(0, 3)), 0.5, lambda spot: tree(builder, spot, 0.75))
    site.scatter(front_garden, int(rng.integers(0, 3)), 0.5, lambda spot: bush(builder, spot, 0.55))
    if rng.random() < 0.4:
        site.landmark(back)
