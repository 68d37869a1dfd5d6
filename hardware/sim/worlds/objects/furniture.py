"""Street furniture and yard goods."""

from __future__ import annotations

import numpy as np

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.geometry import Point
from cairn.hardware.sim.worlds.textures.signs import lettering, poster
from cairn.hardware.sim.worlds.textures.surfaces import SURFACES, Rng, corrugated, random_colour


def bench(builder: WorldBuilder, center: Point, yaw: float) -> None:
    look, make = builder.look, builder.shapes
    wood = make.swatch(random_colour(look, (0.2, 0.9), (0.3, 0.9)))
    c, s = np.cos(yaw), np.sin(yaw)
    make.box(center, (1.7, 0.5), (0.3, 0.45), wood, wood, yaw)
    make.box((center[0] - s * 0.22, center[1] + c * 0.22), (1.7, 0.08), (0.45, 0.9), wood, wood, yaw)
    for k in (-0.7, 0.7):
        make.box(
            (center[0] + c * k, center[1] + s * k),
            (0.1, 0.45),
            (0, 0.3),
            make.swatch((50, 50, 52)),
            None,
            yaw,
        )
    builder.solid_box("bench", center, (1.7, 0.55), 0.9, yaw)


def lamp(builder: WorldBuilder, center: Point) -> None:
    """A street lamp that shines at dusk."""
    look, make = builder.look, builder.shapes
    height = look.uniform(3.2, 5)
    pole = make.swatch(random_colour(look, (0, 0.5), (0.1, 0.6)))
    make.prism(center, (0.09, 0.06), (0, height), pole, 5)
    x, y = center
    head = make.swatch((250, 240, 205))
    make.box(center, (0.4, 0.4), (height, height + 0.3), head, pole)
    if builder.conditions.sky == "twilight":
        r = 0.22
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            left, right = (x + r * (dx + dy), y + r * (dy - dx)), (x + r * (dx - dy), y + r * (dy + dx))
            quad = [(*left, height), (*right, height), (*right, height + 0.3), (*left, height + 0.3)]
            make.glow(np.array(quad))
    builder.solid_cylinder("lamp", center, 0.1, height, shadow=False)


def crates(builder: WorldBuilder, center: Point, size: Point, height: float, yaw: float = 0.0) -> None:
    """A stack of goods: pallets, crates, drums under a sheet."""
    look, make = builder.look, builder.shapes
    kind = str(look.choice(["planks", "panels", "chequered", "brick"]))
    sides = [
        make.picture(SURFACES[kind](look, 36, 44, random_colour(look, (0.1, 0.8), (0.35, 0.9))))
        for _ in range(2)
    ]
    make.box(center, size, (0, height), [sides[0], sides[1], sides[0], sides[1]], sides[0], yaw)
    builder.solid_box("crates", center, size, height, yaw)


def container(builder: WorldBuilder, center: Point, yaw: float, levels: int = 1, length: float = 6.1) -> None:
    """Shipping containers, 2.44 m wide and 2.6 m high each, one upon the other."""
    look, make = builder.look, builder.shapes
    for level in range(levels):
        colour = random_colour(look, (0.35, 1.0), (0.3, 0.9))
        long_sides = []
        for _ in range(2):
            picture = corrugated(look, 44, 110, colour)
            if look.random() < 0.8:
                h, w = int(look.integers(10, 24)), int(look.integers(30, 80))
                y, x = int(look.integers(3, 40 - h)), int(look.integers(3, 106 - w))
                picture[y : y + h, x : x + w] = lettering(look, h, w)
            long_sides.append(make.picture(picture))
        ends = [make.picture(_doors(look, colour)), make.picture(corrugated(look, 44, 40, colour))]
        z = (2.6 * level, 2.6 * (level + 1))
        order = [long_sides[0], ends[0], long_sides[1], ends[1]]
        make.box(center, (length, 2.44), z, order, make.swatch(colour * 0.8), yaw)
    builder.solid_box("container", center, (length, 2.44), 2.6 * levels, yaw)


def _doors(look: Rng, colour: np.ndarray) -> np.ndarray:
    picture = np.tile(colour * 0.9, (44, 40, 1)).astype(np.float32)
    picture[:, 19:21] *= 0.4
    for x in (6, 13, 26, 33):
        picture[:, x] = 200
    picture[6:12, 24:37] = 235
    return picture


def stall(builder: WorldBuilder, center: Point, yaw: float) -> None:
    """A market stall: counter, posts and a striped roof; solid as a whole."""
    look, make = builder.look, builder.shapes
    a, b = random_colour(look, (0.4, 1), (0.5, 1)), random_colour(look, (0, 0.3), (0.75, 1))
    stripes = np.where((np.arange(60) // 6 % 2)[None, :, None], a, b) * np.ones((16, 1, 1))
    cloth = make.picture(stripes.astype(np.float32))
    goods = make.picture(poster(look, 24, 64))
    counter = make.picture(SURFACES["planks"](look, 20, 56, random_colour(look, (0.1, 0.7), (0.3, 0.8))))
    make.box(center, (2.6, 1.4), (0, 0.85), counter, goods, yaw)
    c, s = np.cos(yaw), np.sin(yaw)
    for x in (-1.25, 1.25):
        for y in (-0.65, 0.65):
            spot = (center[0] + c * x - s * y, center[1] + s * x + c * y)
            make.box(spot, (0.08, 0.08), (0.85, 2.1), counter, None, yaw)
    make.gable(center, (2.9, 1.7), (2.1, 2.8), cloth, cloth, yaw)
    builder.solid_box("stall", center, (2.7, 1.5), 2.1, yaw)


def bollards(builder: WorldBuilder, spots: list[Point]) -> None:
    look = builder.look
    paint = builder.shapes.swatch(random_colour(look, (0, 0.9), (0.2, 0.95)))
    for spot in spots:
        builder.shapes.prism(spot, (0.12, 0.1), (0, 0.85), paint, 6)
        builder.solid_cylinder("bollard", spot, 0.12, 0.85)


def table(builder: WorldBuilder, center: Point) -> None:
    """A café table with a parasol."""
    look, make = builder.look, builder.shapes
    cloth = make.swatch(random_colour(look, (0.4, 1), (0.5, 1)))
    make.prism(center, (0.45, 0.45), (0.7, 0.76), make.swatch(random_colour(look, (0, 0.5), (0.5, 1))), 7)
    make.prism(center, (0.05, 0.05), (0, 2.2), make.swatch((180, 180, 180)), 4)
    make.prism(center, (1.3, 0.05), (2.1, 2.6), cloth, 7)
    seat = make.swatch(random_colour(look, (0.2, 0.9), (0.3, 0.9)))
    for turn in (0.4, 2.5, 4.6):
        spot = (center[0] + 0.7 * np.cos(turn), center[1] + 0.7 * np.sin(turn))
        make.box(spot, (0.4, 0.4), (0, 0.75), seat, seat, turn)
    builder.solid_cylinder("table", center, 0.95, 0.8)


def kerb(builder: WorldBuilder, start: Point, end: Point, height: float = 0.03) -> None:
    """A stone edge; up to 4 cm it may be driven over, else it is an obstacle."""
    a, b = np.array(start), np.array(end)
    along = b - a
    length = float(np.hypot(*along))
    if length < 0.3:
        return
    middle, yaw = (a + b) / 2, float(np.arctan2(along[1], along[0]))
    stone = builder.shapes.swatch((176, 172, 164))
    builder.shapes.box((middle[0], middle[1]), (length, 0.16), (0, height), stone, stone, yaw)
    # A dropped kerb has a rounded edge, which wheels climb sideways too.  A box in its stead has a sharp
    # one, which holds a robot that turns on it, however low: so a kerb that may be driven over is drawn only.
    if height > 0.04:
        builder.solid_box("kerb", (middle[0], middle[1]), (length, 0.16), height, yaw, shadow=False)
