"""Buildings: a solid box, its own facade on every wall, a roof, and lit windows at dusk."""

from __future__ import annotations

import numpy as np

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.geometry import Array, Point, Rect, footprint
from cairn.hardware.sim.worlds.textures.facade import FacadeStyle, draw_facade
from cairn.hardware.sim.worlds.textures.surfaces import SURFACES, random_colour

ROOFS = {"house": 0.85, "hall": 0.15, "shop": 0.3, "industry": 0.35}
"""Share of pitched roofs by use."""


def building(
    builder: WorldBuilder,
    rect: Rect,
    height: float,
    use: str,
    style: FacadeStyle | None = None,
    yaw: float = 0.0,
    solid: bool = True,
) -> FacadeStyle:
    """A building over `rect` (turned by `yaw` about its centre); returns its style for annexes."""
    look = builder.look
    style = style or FacadeStyle.draw(look, use)
    center, size = rect.center, (rect.width, rect.height)
    corners = footprint(*center, *size, yaw)
    for i in range(4):
        a, b = corners[i], corners[(i + 1) % 4]
        facade = draw_facade(look, style, float(np.hypot(*(b - a))), height)
        builder.shapes.wall((a[0], a[1]), (b[0], b[1]), 0, height, builder.shapes.picture(facade.picture))
        _light_windows(builder, a, b, facade.windows)
    tint = random_colour(look, (0.05, 0.6), (0.25, 0.65), (-0.05, 0.12))
    surface = str(look.choice(["planks", "stone", "corrugated"]))
    roof = builder.shapes.picture(SURFACES[surface](look, 32, 64, tint))
    if look.random() < ROOFS[use]:
        rise = min(size) * look.uniform(0.3, 0.6)
        ends = builder.shapes.picture(SURFACES[style.surface](look, 32, 48, style.wall * 0.9))
        builder.shapes.gable(center, size, (height, height + rise), roof, ends, yaw)
    else:
        builder.shapes.polygon(np.column_stack([corners, np.full(4, height)]), roof)
        _roof_gear(builder, center, size, height, yaw)
    if solid:
        builder.solid_box("building", center, size, height, yaw)
    return style


def _roof_gear(builder: WorldBuilder, center: Point, size: Point, height: float, yaw: float) -> None:
    """Tanks, plant rooms and chimneys that show above a flat roof."""
    look = builder.look
    for _ in range(int(look.integers(0, 3))):
        offset = look.uniform(-0.35, 0.35, 2) * size
        turned = (
            center[0] + offset[0] * np.cos(yaw) - offset[1] * np.sin(yaw),
            center[1] + offset[0] * np.sin(yaw) + offset[1] * np.cos(yaw),
        )
        swatch = builder.shapes.swatch(random_colour(look, (0, 0.6), (0.3, 0.9)))
        if look.random() < 0.5:
            builder.shapes.prism(turned, (0.6, 0.6), (height, height + look.uniform(1, 3.5)), swatch, 6)
        else:
            gear = (look.uniform(1, 2.5), look.uniform(1, 2.5))
            builder.shapes.box(turned, gear, (height, height + look.uniform(0.8, 2)), swatch, swatch, yaw)


def _light_windows(
    builder: WorldBuilder, a: Array, b: Array, windows: list[tuple[float, float, float, float]]
) -> None:
    """At dusk some windows shine; which ones belongs to the building, not to the evening."""
    lit = builder.look.random(len(windows)) < 0.3
    if builder.conditions.sky != "twilight":
        return
    along = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
    out = np.array([along[1], -along[0]]) * 0.03
    for (x0, z0, x1, z1), on in zip(windows, lit, strict=True):
        if on:
            p, q = a + along * x0 + out, a + along * x1 + out
            builder.shapes.glow(np.array([(*p, z0), (*q, z0), (*q, z1), (*p, z1)]))
