"""Trees, bushes and planters."""

from __future__ import annotations

import numpy as np

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.geometry import Point, disc
from cairn.hardware.sim.worlds.textures.surfaces import SURFACES, foliage, random_colour

TREES = ("round", "cone", "column", "twin")


def tree(builder: WorldBuilder, center: Point, size: float = 1.0, solid: bool = True) -> None:
    """A tree about 6 m high times `size`; only the trunk is solid."""
    look, shapes = builder.look, builder.shapes
    kind = str(look.choice(TREES, p=[0.45, 0.25, 0.12, 0.18]))
    autumn = look.random() < 0.25
    hue = (0.02, 0.14) if autumn else (0.17, 0.4)
    leaf = shapes.picture(foliage(look, 40, 80, random_colour(look, (0.35, 0.8), (0.3, 0.65), hue)))
    pale = look.random() < 0.25
    bark = random_colour(look, (0.1, 0.5), (0.65, 0.85) if pale else (0.2, 0.45), (0.03, 0.1))
    trunk = shapes.picture(SURFACES["stone"](look, 32, 16, bark))
    girth = 0.12 + 0.12 * size * look.uniform(0.6, 1.3)
    height = size * look.uniform(5, 7.5)
    clear = size * look.uniform(1.6, 2.6) if kind != "cone" else size * 0.9
    radius = size * look.uniform(1.5, 2.4)
    shapes.prism(center, (girth * 1.15, girth * 0.8), (0, clear + 1.0), trunk, 5)
    x, y = center
    if kind == "cone":
        for k in range(3):
            z0 = clear + (height - clear) * k / 3.3
            shapes.prism(center, (radius * (1 - 0.26 * k), 0.0), (z0, z0 + (height - clear) * 0.5), leaf, 7)
    elif kind == "column":
        middle = (clear * 0.6 + height) / 2
        shapes.blob((x, y, middle + 0.5), (radius * 0.45, radius * 0.45, height * 0.5), leaf, look)
    else:
        rz = (height - clear) / 2
        shapes.blob((x, y, clear + rz), (radius, radius, rz), leaf, look, 0.22)
        if kind == "twin":
            turn = look.uniform(0, 2 * np.pi)
            spot = (x + radius * 0.8 * np.cos(turn), y + radius * 0.8 * np.sin(turn), clear + rz * 0.8)
            shapes.blob(spot, (radius * 0.7, radius * 0.7, rz * 0.7), leaf, look, 0.22, (7, 4))
    if solid:
        builder.solid_cylinder("tree", center, girth * 1.15, 2.5, shadow=False)
        builder.shade(disc(x, y, radius * 0.8), height * 0.55)


def bush(builder: WorldBuilder, center: Point, radius: float) -> None:
    """A round shrub."""
    look = builder.look
    leaf = builder.shapes.picture(
        foliage(look, 32, 48, random_colour(look, (0.3, 0.8), (0.3, 0.65), (0.12, 0.42)))
    )
    height = radius * look.uniform(0.9, 1.6)
    builder.shapes.blob((*center, height * 0.5), (radius, radius, height * 0.6), leaf, look, 0.2, (7, 4))
    builder.solid_cylinder("bush", center, radius * 0.92, height)


def planter(builder: WorldBuilder, center: Point, size: Point, yaw: float = 0.0) -> None:
    """A low box with plants in it."""
    look, shapes = builder.look, builder.shapes
    height = float(look.uniform(0.35, 0.7))
    surface = str(look.choice(["planks", "stone", "plaster", "chequered"]))
    side = shapes.picture(SURFACES[surface](look, 20, 48, random_colour(look, (0.05, 0.6), (0.3, 0.9))))
    leaf = shapes.picture(foliage(look, 24, 32, random_colour(look, (0.3, 0.8), (0.35, 0.7), (0.1, 0.45))))
    shapes.box(center, size, (0, height), side, leaf, yaw)
    count = max(1, round(max(size) / 1.2))
    turn = yaw if size[0] >= size[1] else yaw + np.pi / 2
    for k in range(count):
        offset = ((k + 0.5) / count - 0.5) * max(size)
        spot = (center[0] + offset * np.cos(turn), center[1] + offset * np.sin(turn), height + 0.1)
        r = min(size) * 0.45
        shapes.blob(spot, (r, r, look.uniform(0.3, 0.9)), leaf, look, 0.25, (6, 4))
    builder.solid_box("planter", center, size, height + 0.3, yaw)
