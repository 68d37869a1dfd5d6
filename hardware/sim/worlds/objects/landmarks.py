"""Landmarks: things of which a place has one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cairn.hardware.sim.worlds.atlas import Region
from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.geometry import Point, disc
from cairn.hardware.sim.worlds.textures.signs import lettering, poster, shapes
from cairn.hardware.sim.worlds.textures.surfaces import SURFACES, plaster, random_colour


def _paint(builder: WorldBuilder, strong: bool = True) -> Region:
    saturation = (0.45, 1.0) if strong else (0.0, 0.3)
    colour = random_colour(builder.look, saturation, (0.35, 0.95))
    return builder.shapes.picture(plaster(builder.look, 16, 16, colour))


def _surface(builder: WorldBuilder, w: int = 48, h: int = 32) -> Region:
    look = builder.look
    kind = str(look.choice(list(SURFACES)))
    return builder.shapes.picture(SURFACES[kind](look, h, w, random_colour(look, (0.05, 0.8), (0.35, 0.95))))


def _board(builder: WorldBuilder, w: int = 64, h: int = 40) -> Region:
    kind = (lettering, poster, shapes)[int(builder.look.integers(3))]
    return builder.shapes.picture(kind(builder.look, h, w))


def statue(builder: WorldBuilder, center: Point) -> None:
    """A figure or an equestrian lump on a plinth."""
    look, make = builder.look, builder.shapes
    plinth, figure = _surface(builder), _paint(builder, look.random() < 0.4)
    side, base = look.uniform(1.1, 1.8), look.uniform(0.8, 1.6)
    make.box(center, (side + 0.6, side + 0.6), (0, 0.25), plinth, plinth)
    make.box(center, (side, side), (0.25, base), plinth, plinth)
    x, y = center
    scale = look.uniform(0.9, 1.5)
    make.prism(center, (0.32 * scale, 0.2 * scale), (base, base + 0.9 * scale), figure, 6)
    make.blob(
        (x, y, base + 1.2 * scale), (0.38 * scale, 0.28 * scale, 0.45 * scale), figure, look, 0.1, (6, 4)
    )
    make.blob(
        (x, y, base + 1.8 * scale), (0.18 * scale, 0.18 * scale, 0.22 * scale), figure, look, 0.05, (6, 4)
    )
    for sign in (-1, 1):
        if look.random() < 0.7:
            arm = (x + sign * 0.55 * scale, y, base + look.uniform(1.0, 1.8) * scale)
            make.blob(arm, (0.4 * scale, 0.12 * scale, 0.14 * scale), figure, look, 0.1, (5, 3))
    builder.solid_box("statue", center, (side + 0.6, side + 0.6), base + scale)


def obelisk(builder: WorldBuilder, center: Point) -> None:
    region, foot = _surface(builder, 24, 64), _surface(builder)
    height = builder.look.uniform(4, 9)
    builder.shapes.box(center, (1.8, 1.8), (0, 0.5), foot, foot)
    builder.shapes.prism(center, (0.75, 0.4), (0.5, height), region, 4)
    builder.shapes.prism(center, (0.4, 0.0), (height, height + 0.7), _paint(builder), 4)
    builder.solid_box("obelisk", center, (1.8, 1.8), height)


def kiosk(builder: WorldBuilder, center: Point) -> None:
    """A booth with counters, posters and a sign on the roof's edge."""
    look, make = builder.look, builder.shapes
    width, height = look.uniform(2.2, 3.4), look.uniform(2.3, 2.8)
    sides = [_board(builder) if look.random() < 0.55 else _surface(builder) for _ in range(4)]
    roof, sign = _paint(builder), make.picture(lettering(look, 14, 80))
    make.box(center, (width, width), (0, height), sides, None)
    make.box(center, (width + 0.5, width + 0.5), (height, height + 0.5), sign, roof)
    if look.random() < 0.5:
        make.prism(
            center,
            (width * 0.75, 0.0),
            (height + 0.5, height + look.uniform(1.2, 2.2)),
            roof,
            4 + 2 * int(look.integers(2)),
        )
    builder.solid_box("kiosk", center, (width, width), height)


def fountain(builder: WorldBuilder, center: Point) -> None:
    look, make = builder.look, builder.shapes
    radius, rim = look.uniform(1.6, 3.0), look.uniform(0.4, 0.7)
    basin, water = _surface(builder, 96, 16), make.swatch((90, 140, 165))
    make.prism(center, (radius, radius), (0, rim), basin, 10, top=water)
    stem, z = _surface(builder), rim
    for k in range(int(look.integers(1, 4))):
        bowl = radius * (0.55 - 0.15 * k)
        top = z + look.uniform(0.6, 1.1)
        make.prism(center, (0.25, 0.18), (z, top), stem, 6)
        make.prism(center, (0.2, bowl), (top, top + 0.3), stem, 8, top=water)
        z = top + 0.3
    make.prism(center, (0.12, 0.02), (z, z + 0.8), make.swatch((225, 235, 240)), 5)
    builder.solid_cylinder("fountain", center, radius, 1.2)


def water_tower(builder: WorldBuilder, center: Point) -> None:
    look, make = builder.look, builder.shapes
    leg, tank = _paint(builder, False), _surface(builder, 96, 40)
    radius, low, high = look.uniform(1.6, 2.6), look.uniform(4, 7), 0.0
    high = low + look.uniform(2, 3.5)
    for sx in (-1, 1):
        for sy in (-1, 1):
            spot = (center[0] + sx * 1.2, center[1] + sy * 1.2)
            make.box(spot, (0.22, 0.22), (0, low), leg, None)
    for z in (low * 0.33, low * 0.66):
        make.box(center, (2.4, 0.12), (z, z + 0.15), leg, leg)
        make.box(center, (0.12, 2.4), (z, z + 0.15), leg, leg)
    # What can't be driven through must be seen: between the legs stands a plinth.
    make.box(center, (2.6, 2.6), (0, 0.8), leg, leg)
    make.prism(center, (radius, radius), (low, high), tank, 10)
    make.prism(center, (radius * 1.1, 0.1), (high, high + 1.0), _paint(builder), 10)
    builder.solid_box("water_tower", center, (2.7, 2.7), low)


def bus_stop(builder: WorldBuilder, center: Point) -> None:
    """A shelter with three walls, a bench and a flag sign; solid as a whole."""
    look, make = builder.look, builder.shapes
    yaw = float(look.integers(4)) * np.pi / 2
    frame, advert = _paint(builder), _board(builder, 40, 56)
    c, s = np.cos(yaw), np.sin(yaw)

    def at(x: float, y: float) -> Point:
        return center[0] + c * x - s * y, center[1] + s * x + c * y

    make.box(at(0, 0.6), (3.6, 0.1), (0.1, 2.2), _board(builder, 80, 44), frame, yaw)
    for x in (-1.8, 1.8):
        make.box(at(x, 0), (0.1, 1.3), (0, 2.2), advert, frame, yaw)
    make.box(at(0, 0), (4.0, 1.6), (2.2, 2.45), frame, frame, yaw)
    make.box(at(0, 0.3), (2.8, 0.4), (0.4, 0.5), frame, frame, yaw)
    make.box(at(0, -0.65), (3.6, 0.08), (0.0, 0.5), frame, frame, yaw)
    builder.solid_box("bus_stop", center, (3.8, 1.4), 2.4, yaw)


def clock(builder: WorldBuilder, center: Point) -> None:
    """A clock tower."""
    look, make = builder.look, builder.shapes
    side, height = look.uniform(1.2, 2.6), look.uniform(5, 11)
    shaft = _surface(builder, 32, 96)
    make.box(center, (side, side), (0, height), shaft, None)
    face = np.tile(random_colour(look, (0, 0.4), (0.8, 1.0)), (32, 32, 1)).astype(np.float32)
    yy, xx = np.mgrid[-16:16, -16:16]
    face[np.hypot(xx, yy) > 14] = random_colour(look, (0.3, 1), (0.1, 0.6))
    face[(abs(xx) < 2) & (yy < 0) & (yy > -11)] = 20
    face[(abs(yy) < 2) & (xx > 0) & (xx < 8)] = 20
    make.box(center, (side + 0.3, side + 0.3), (height, height + side), make.picture(face), None)
    make.prism(center, (side * 0.95, 0.0), (height + side, height + side * 2.2), _paint(builder), 4)
    builder.solid_box("clock", center, (side, side), height)


def sculpture(builder: WorldBuilder, center: Point) -> None:
    """Abstract coloured solids piled on each other."""
    look, make = builder.look, builder.shapes
    z, radius = 0.0, look.uniform(0.9, 1.5)
    for _ in range(int(look.integers(2, 6))):
        region, r = (_paint if look.random() < 0.7 else _surface)(builder), radius * look.uniform(0.45, 1.0)
        rise = look.uniform(0.5, 1.5)
        kind = look.integers(4)
        if kind == 0:
            make.blob((*center, z + rise / 2), (r, r, rise / 2), region, look, 0.05, (8, 5))
        elif kind == 1:
            make.prism(center, (r, r * look.uniform(0, 1)), (z, z + rise), region, int(look.integers(3, 9)))
        elif kind == 2:
            make.prism(center, (r * 0.3, r), (z, z + rise), region, int(look.integers(3, 9)))
        else:
            make.box(center, (r * 1.4, r * 1.1), (z, z + rise), region, region, look.uniform(0, 1.5))
        z += rise * 0.92
    builder.solid_cylinder("sculpture", center, radius, z)


def billboard(builder: WorldBuilder, center: Point) -> None:
    look, make = builder.look, builder.shapes
    yaw, low = float(look.integers(4)) * np.pi / 4, look.uniform(0.5, 1.8)
    post = _paint(builder, False)
    board = (3.8, 0.25)
    front, back = _board(builder, 110, 64), _board(builder, 110, 64)
    make.box(center, board, (low, low + 2.3), [front, post, back, post], post, yaw)
    for sign in (-1, 1):
        spot = (center[0] + sign * 1.4 * np.cos(yaw), center[1] + sign * 1.4 * np.sin(yaw))
        make.box(spot, (0.2, 0.2), (0, low), post, None, yaw)
    make.box(center, (3.6, 0.15), (0, min(low, 0.5)), post, post, yaw)
    builder.solid_box("billboard", center, board, low + 2.3, yaw)


def gazebo(builder: WorldBuilder, center: Point) -> None:
    """A bandstand: parapet, columns and a tent roof."""
    look, make = builder.look, builder.shapes
    radius, sides = look.uniform(1.8, 2.8), int(look.choice([6, 8]))
    column, roof = _paint(builder, False), _surface(builder, 96, 32)
    make.prism(
        center, (radius, radius), (0, look.uniform(0.5, 1.0)), _surface(builder, 110, 20), sides, top=column
    )
    for x, y in disc(*center, radius * 0.92, sides):
        make.prism((x, y), (0.1, 0.1), (0.4, 2.6), column, 4)
    make.prism(center, (radius * 1.25, 0.05), (2.6, 2.6 + look.uniform(0.9, 2.2)), roof, sides)
    builder.solid_cylinder("gazebo", center, radius, 2.4)


def playground(builder: WorldBuilder, center: Point) -> None:
    """A climbing tower with a coloured roof, a slide and a swing frame."""
    look, make = builder.look, builder.shapes
    a, b, c = _paint(builder), _paint(builder), _paint(builder)
    x, y = center
    deck = look.uniform(1.0, 1.5)
    make.box(center, (1.4, 1.4), (deck, deck + 0.6), [a, b, a, c], b)
    for sx in (-0.65, 0.65):
        for sy in (-0.65, 0.65):
            make.box((x + sx, y + sy), (0.14, 0.14), (0, deck + 1.7), c, None)
    make.prism(center, (1.2, 0.0), (deck + 1.6, deck + 2.6), b, 4)
    make.box(center, (1.4, 1.4), (0, 0.6), c, c)
    slide = np.array(
        [(x + 0.7, y - 0.4, deck), (x + 2.9, y - 0.4, 0.1), (x + 2.9, y + 0.4, 0.1), (x + 0.7, y + 0.4, deck)]
    )
    make.polygon(slide, a)
    make.wall((x + 2.9, y - 0.4), (x + 2.9, y + 0.4), 0, 0.12, b)
    for sign in (-0.4, 0.4):
        flank = np.array(
            [
                (x + 0.7, y + sign, 0),
                (x + 2.9, y + sign, 0),
                (x + 2.9, y + sign, 0.2),
                (x + 0.7, y + sign, deck + 0.2),
            ]
        )
        make.polygon(flank if sign < 0 else flank[::-1], c)
    builder.solid_box("playground", (x + 1.05, y), (3.8, 1.5), deck + 1.5)


def phone_box(builder: WorldBuilder, center: Point) -> None:
    look, make = builder.look, builder.shapes
    colour = random_colour(look, (0.6, 1), (0.4, 0.95))
    side = np.tile(colour, (48, 20, 1)).astype(np.float32)
    side[8:40, 3:17] = random_colour(look, (0.1, 0.3), (0.5, 0.8))
    side[8:40:8] = colour
    side[2:7, 2:18] = (245, 245, 240)
    make.box(center, (0.95, 0.95), (0, 2.4), make.picture(side), make.swatch(colour))
    builder.solid_box("phone_box", center, (0.95, 0.95), 2.4)


def silo(builder: WorldBuilder, center: Point) -> None:
    look, make = builder.look, builder.shapes
    radius, height = look.uniform(1.3, 2.4), look.uniform(4, 9)
    shell = _surface(builder, 128, 64)
    make.prism(center, (radius, radius), (0, height), shell, 10)
    make.prism(center, (radius, 0.2), (height, height + 1.0), _paint(builder, False), 10)
    builder.solid_cylinder("silo", center, radius, height)


def tent(builder: WorldBuilder, center: Point) -> None:
    """A striped pavilion."""
    look, make = builder.look, builder.shapes
    a, b = random_colour(look, (0.5, 1), (0.5, 1)), random_colour(look, (0, 0.2), (0.8, 1))
    stripes = np.where((np.arange(96) // 8 % 2)[None, :, None], a, b) * np.ones((24, 1, 1))
    cloth = make.picture(stripes.astype(np.float32))
    radius = look.uniform(1.8, 2.6)
    make.prism(center, (radius, radius), (0, 2.0), cloth, 8)
    make.prism(center, (radius * 1.15, 0.0), (2.0, look.uniform(3.2, 4.5)), cloth, 8)
    builder.solid_cylinder("tent", center, radius, 2.5)


def rocks(builder: WorldBuilder, center: Point) -> None:
    """A group of boulders."""
    look = builder.look
    region = builder.shapes.picture(
        SURFACES["stone"](look, 32, 48, random_colour(look, (0.02, 0.4), (0.35, 0.8)))
    )
    for _ in range(int(look.integers(2, 5))):
        x, y = center + look.uniform(-0.6, 0.6, 2)
        r = look.uniform(0.45, 0.8)
        builder.shapes.blob(
            (x, y, r * 0.5), (r, r * 0.8, r * look.uniform(0.7, 1.6)), region, look, 0.3, (7, 4)
        )
    builder.solid_cylinder("rocks", center, 1.15, 1.0)


LANDMARKS: dict[str, tuple[float, Callable[[WorldBuilder, Point], None]]] = {
    "statue": (1.7, statue),
    "obelisk": (1.3, obelisk),
    "kiosk": (2.5, kiosk),
    "fountain": (3.0, fountain),
    "water_tower": (2.0, water_tower),
    "bus_stop": (2.1, bus_stop),
    "clock": (1.9, clock),
    "sculpture": (1.5, sculpture),
    "billboard": (2.0, billboard),
    "gazebo": (2.8, gazebo),
    "playground": (3.0, playground),
    "phone_box": (0.7, phone_box),
    "silo": (2.4, silo),
    "tent": (2.6, tent),
    "rocks": (1.2, rocks),
}
"""Name to (radius of the ground it needs in metres, how to build it)."""
