"""Cells with plants: lawns, groves, ponds, hedge gardens."""

from __future__ import annotations

import numpy as np

from cairn.hardware.sim.worlds.geometry import SIDES, Rect, disc
from cairn.hardware.sim.worlds.objects.furniture import bench
from cairn.hardware.sim.worlds.objects.vegetation import bush, planter, tree
from cairn.hardware.sim.worlds.site import Site
from cairn.hardware.sim.worlds.textures.surfaces import SURFACES, random_colour


def lawn(site: Site, cell: Rect, trees: int, fenced: bool = True) -> None:
    """Grass with trees, bushes, a bench and perhaps a landmark, behind a fence with gates."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, str(rng.choice(["grass", "grass", "grass", "soil", "gravel"])))
    inner = cell.inset(0.4)
    if fenced:
        site.fence(inner, site.some_gates(cell, 3))
    _paths(site, inner)
    if rng.random() < 0.7:
        site.landmark(inner.inset(1.5), center=rng.random() < 0.5)
    site.scatter(inner.inset(0.5), trees, 0.6, lambda spot: tree(builder, spot, float(rng.uniform(0.7, 1.3))))
    site.scatter(
        inner.inset(0.5),
        int(rng.integers(1, 5)),
        0.8,
        lambda spot: bush(builder, spot, float(rng.uniform(0.45, 0.8))),
    )
    site.scatter(
        inner, int(rng.integers(0, 3)), 1.0, lambda spot: bench(builder, spot, float(rng.uniform(0, 3)))
    )


def _paths(site: Site, rect: Rect) -> None:
    material = str(site.rng.choice(["gravel", "paving", "asphalt", "soil"]))
    for side in site.rng.permutation(SIDES)[: int(site.rng.integers(1, 4))]:
        a, b = rect.side(str(side))
        t = float(site.rng.uniform(0.25, 0.75))
        edge = (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)
        site.builder.ground.path([edge, rect.center], float(site.rng.uniform(1.2, 2.4)), material)


def pond(site: Site, cell: Rect) -> None:
    """Water behind a stone rim, with a walk around it."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, "grass")
    inner = cell.inset(0.4)
    site.fence(inner, site.some_gates(cell, 3))
    radius = min(cell.width, cell.height) / 2 - float(rng.uniform(2.8, 4.2))
    if radius < 1.5:
        lawn(site, cell, 3, fenced=False)
        return
    x, y = cell.center
    builder.ground.fill(disc(x, y, radius + 2, 16), str(rng.choice(["gravel", "paving"])))
    colour = random_colour(builder.look, (0.05, 0.4), (0.4, 0.8))
    rim = builder.shapes.picture(SURFACES["stone"](builder.look, 16, 120, colour))
    height = float(rng.uniform(0.25, 0.5))
    water = builder.shapes.swatch(random_colour(builder.look, (0.3, 0.6), (0.3, 0.55), (0.42, 0.62)))
    builder.shapes.prism((x, y), (radius, radius), (0, height), rim, 14, top=water)
    builder.solid_cylinder("pond", (x, y), radius, height)
    if rng.random() < 0.6:
        # An islet: seen, never reached.
        for turn in rng.uniform(0, 2 * np.pi, 2):
            spot = (x + radius * 0.4 * np.cos(turn), y + radius * 0.4 * np.sin(turn))
            tree(builder, spot, 0.6, solid=False)
    site.scatter(inner.inset(0.5), int(rng.integers(2, 6)), 0.6, lambda spot: tree(builder, spot, 0.9))
    site.scatter(inner.inset(0.5), 3, 1.0, lambda spot: bench(builder, spot, float(rng.uniform(0, 3))))


def hedge_garden(site: Site, cell: Rect) -> None:
    """Rings of hedge, each opened on another side, with something in the middle."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, str(rng.choice(["gravel", "grass", "paving", "soil"])))
    style = site.fence_style((1.1, 1.9))
    ring = cell.inset(0.4)
    gates = site.some_gates(cell, 2)
    while min(ring.width, ring.height) > 4.5:
        site.fence(ring, gates, style)
        gates = {str(side): 1 for side in rng.permutation(SIDES)[: int(rng.integers(1, 3))]}
        ring = ring.inset(float(rng.uniform(2.6, 3.4)) + style.thickness)
    middle = ring.inset(-1.0)
    if not site.landmark(middle, center=True):
        site.scatter(middle, 1, 0.6, lambda spot: planter(builder, spot, (1.0, 1.0)))


def grove(site: Site, cell: Rect) -> None:
    """Trees close together, undergrowth between them."""
    rng, builder = site.rng, site.builder
    builder.ground.rect(cell, str(rng.choice(["soil", "grass", "gravel"])))
    _paths(site, cell)
    area = cell.width * cell.height
    site.scatter(cell, int(area / 26), 0.5, lambda spot: tree(builder, spot, float(rng.uniform(0.7, 1.5))))
    site.scatter(cell, int(area / 40), 0.9, lambda spot: bush(builder, spot, float(rng.uniform(0.5, 0.9))))
    if rng.random() < 0.5:
        site.landmark(cell.inset(1.5))
