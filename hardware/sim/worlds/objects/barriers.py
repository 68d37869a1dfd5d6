"""Fences, walls and hedges along a line, with gates."""

from __future__ import annotations

import numpy as np

from cairn.hardware.sim.worlds.atlas import Region
from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.geometry import Array, Point, footprint
from cairn.hardware.sim.worlds.textures.barriers import BarrierStyle, draw_section
from cairn.hardware.sim.worlds.textures.signs import lettering, poster, shapes
from cairn.hardware.sim.worlds.textures.surfaces import foliage, random_colour

SECTION = 3.2
"""Metres a picture covers."""
ACCENTS = 0.3
"""Share of sections on which something of their own hangs."""
PREFIX = {"hedge": "hedge", "brick": "wall", "concrete": "wall", "stone": "wall"}


def barrier(
    builder: WorldBuilder,
    start: Point,
    end: Point,
    style: BarrierStyle,
    gates: list[tuple[float, float]] | None = None,
    variants: int = 5,
) -> None:
    """A run from start to end; each gate is (distance from start to its middle, width) in metres."""
    a, b = np.array(start, float), np.array(end, float)
    length = float(np.hypot(*(b - a)))
    if length < 0.4:
        return
    along = (b - a) / length
    cuts = [0.0]
    for middle, width in sorted(gates or []):
        cuts += [max(middle - width / 2, 0.0), min(middle + width / 2, length)]
        _gate(builder, a + along * middle, along, width, style)
    cuts.append(length)
    sections = [
        builder.shapes.picture(draw_section(builder.look, style, min(SECTION, length)))
        for _ in range(min(variants, max(1, round(length / SECTION))))
    ]
    for low, high in zip(cuts[::2], cuts[1::2], strict=True):
        if high - low > 0.15:
            _run(builder, a + along * low, a + along * high, style, sections)


def _run(builder: WorldBuilder, a: Array, b: Array, style: BarrierStyle, sections: list[Region]) -> None:
    length = float(np.hypot(*(b - a)))
    along = (b - a) / length
    left = np.array([-along[1], along[0]]) * style.thickness / 2
    yaw = float(np.arctan2(along[1], along[0]))
    middle = (a + b) / 2
    prefix = PREFIX.get(style.kind, "fence")
    builder.solid_box(prefix, (middle[0], middle[1]), (length, style.thickness), style.height, yaw)
    top = builder.shapes.swatch(style.colour * 0.9)
    count = max(1, round(length / SECTION))
    pick = builder.look.integers(0, len(sections), (2, count))
    for i in range(count):
        p, q = a + (b - a) * i / count, a + (b - a) * (i + 1) / count
        for side, sign in ((0, 1), (1, -1)):
            near, far = (q + left, p + left) if sign > 0 else (p - left, q - left)
            region = sections[pick[side, i]]
            builder.shapes.wall((near[0], near[1]), (far[0], far[1]), 0, style.height, region)
            if builder.look.random() < ACCENTS:
                _accent(builder, near, far, style)
    if style.thickness > 0.18:
        lid = footprint(middle[0], middle[1], length, style.thickness, yaw)
        builder.shapes.polygon(np.column_stack([lid, np.full(4, style.height)]), top)
        end = builder.shapes.swatch(style.colour * 0.75)
        for p, q in ((lid[1], lid[2]), (lid[3], lid[0])):
            builder.shapes.wall((p[0], p[1]), (q[0], q[1]), 0, style.height, end)


def _accent(builder: WorldBuilder, left: Array, right: Array, style: BarrierStyle) -> None:
    """Something that hangs on this section and on no other: a sign, a poster, a climbing plant."""
    look = builder.look
    length = float(np.hypot(*(right - left)))
    height = style.height
    if length < 1.2 or height < 0.9:
        return
    along = (right - left) / length
    out = np.array([along[1], -along[0]]) * 0.03
    kind = str(look.choice(["sign", "poster", "mural", "plant"]))
    if kind == "plant":
        width, low, high = min(length, look.uniform(0.8, 2.4)), 0.0, height * look.uniform(0.5, 1.0)
        colour = random_colour(look, (0.4, 0.9), (0.35, 0.95), (-0.1, 0.4))
        picture = foliage(look, 28, 40, colour)
    elif kind == "mural":
        width, low, high = length * 0.96, height * 0.1, height * look.uniform(0.7, 0.98)
        picture = shapes(look, 40, 72)
    elif kind == "poster":
        width, low, high = look.uniform(0.6, 1.1), height * 0.25, height * 0.92
        picture = poster(look, 44, 34)
    else:
        width, low, high = min(length, look.uniform(0.8, 2.2)), height * 0.5, height * 0.92
        picture = lettering(look, 24, int(24 * width / (height * 0.42)) + 8)
    start = left + along * look.uniform(0, length - width) + out
    end = start + along * width
    region = builder.shapes.picture(picture)
    builder.shapes.wall((start[0], start[1]), (end[0], end[1]), low, high, region)


def _gate(builder: WorldBuilder, middle: Array, along: Array, width: float, style: BarrierStyle) -> None:
    """Posts beside the opening, often an arch or a sign above; the opening stays clear."""
    look = builder.look
    yaw = float(np.arctan2(along[1], along[0]))
    builder.free.reserve(footprint(middle[0], middle[1], width, 2.4, yaw))
    colour = builder.shapes.swatch(random_colour(look, (0, 0.8), (0.2, 0.95)))
    size = look.uniform(0.15, 0.4)
    height = style.height + look.uniform(0.0, 0.5)
    kind = look.choice(["bare", "posts", "arch", "sign"], p=[0.3, 0.35, 0.15, 0.2])
    if kind == "bare":
        return
    if kind in ("arch", "sign"):
        height = max(height, 2.3)
    for sign in (-1, 1):
        spot = middle + along * sign * (width / 2 + size / 2)
        builder.shapes.box((spot[0], spot[1]), (size, size), (0, height), colour, colour, yaw)
        builder.solid_box("post", (spot[0], spot[1]), (size, size), height, yaw)
    if kind in ("arch", "sign"):
        board = colour if kind == "arch" else builder.shapes.picture(lettering(look, 20, 90))
        beam = (width + 2 * size, 0.15)
        lift = height - (0.25 if kind == "arch" else 0.0)
        builder.shapes.box((middle[0], middle[1]), beam, (lift, lift + 0.5), board, colour, yaw)


def random_style(builder: WorldBuilder, kinds: tuple[str, ...], height: tuple[float, float]) -> BarrierStyle:
    """A style of one of the kinds; the kind belongs to the layout since it decides the thickness."""
    return BarrierStyle.draw(builder.layout, str(builder.layout.choice(kinds)), height)
