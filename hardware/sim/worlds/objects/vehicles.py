"""Cars, vans and lorries: an extruded side view with painted windows, and wheels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from cairn.hardware.sim.worlds.builder import WorldBuilder
from cairn.hardware.sim.worlds.geometry import Point
from cairn.hardware.sim.worlds.textures.signs import lettering
from cairn.hardware.sim.worlds.textures.signs import shapes as mural
from cairn.hardware.sim.worlds.textures.surfaces import Rng, random_colour


@dataclass(frozen=True)
class Body:
    """Dimensions in metres; outline as (share of length from the rear, share of height), front last."""

    length: float
    width: float
    height: float
    outline: tuple[tuple[float, float], ...]
    cabin: tuple[float, float]


BODIES = {
    "saloon": Body(
        4.5, 1.8, 1.45, ((0, 0.62), (0.13, 0.68), (0.28, 1), (0.6, 1), (0.75, 0.66), (1, 0.56)), (0.18, 0.72)
    ),
    "hatchback": Body(
        3.9, 1.7, 1.5, ((0, 0.62), (0.04, 0.7), (0.12, 1), (0.6, 1), (0.78, 0.64), (1, 0.54)), (0.08, 0.75)
    ),
    "estate": Body(
        4.7, 1.8, 1.6, ((0, 0.6), (0.02, 0.7), (0.06, 1), (0.62, 1), (0.77, 0.65), (1, 0.57)), (0.04, 0.74)
    ),
    "pickup": Body(
        5.1, 1.85, 1.75, ((0, 0.6), (0.4, 0.6), (0.42, 1), (0.66, 1), (0.78, 0.65), (1, 0.6)), (0.42, 0.76)
    ),
    "van": Body(5.2, 2.0, 2.3, ((0, 1), (0.7, 1), (0.87, 0.58), (1, 0.48)), (0.66, 0.86)),
    "lorry": Body(7.0, 2.3, 3.0, ((0, 1), (0.72, 1), (0.74, 0.82), (0.96, 0.82), (1, 0.55)), (0.76, 0.97)),
}
PAINTS = ((230, 230, 228), (190, 192, 196), (28, 28, 32), (95, 98, 104), (150, 20, 24), (24, 48, 110))


def vehicle(builder: WorldBuilder, center: Point, yaw: float, kind: str, look: Rng) -> None:
    """A parked vehicle named `car_<n>`; `look` belongs to the vehicle, wherever it is parked."""
    body, make = BODIES[kind], builder.shapes
    plain = look.random() < 0.45
    paint = (
        np.array(PAINTS[look.integers(len(PAINTS))], np.float32)
        if plain
        else random_colour(look, (0.3, 1), (0.3, 1))
    )
    glass = random_colour(look, (0.1, 0.4), (0.12, 0.3), (0.5, 0.65))
    side = make.picture(_side(look, body, kind, paint, glass))
    sill = 0.2
    outline = np.array([(0.0, sill / body.height), *body.outline, (1.0, sill / body.height)])
    local = np.column_stack([(outline[:, 0] - 0.5) * body.length, outline[:, 1] * body.height])
    uv = np.column_stack([outline[:, 0], 1 - outline[:, 1]])
    c, s = np.cos(yaw), np.sin(yaw)

    def place(x: float, y: float, z: float) -> tuple[float, float, float]:
        return center[0] + c * x - s * y, center[1] + s * x + c * y, z

    half = body.width / 2
    left = np.array([place(x, half, z) for x, z in local])
    right = np.array([place(x, -half, z) for x, z in local])
    # The outline is not convex, so each flank is cut into upright slices.
    for i in range(1, len(local) - 2):
        (x0, z0), (x1, z1) = local[i], local[i + 1]
        slice_uv = np.array([(uv[i, 0], uv[0, 1]), (uv[i + 1, 0], uv[0, 1]), uv[i + 1], uv[i]])
        flank = [(x0, sill), (x1, sill), (x1, z1), (x0, z0)]
        make.polygon(np.array([place(x, -half, z) for x, z in flank]), side, slice_uv)
        make.polygon(np.array([place(x, half, z) for x, z in flank[::-1]]), side, slice_uv[::-1])
    body_swatch, glass_swatch = make.swatch(paint), make.swatch(glass)
    ends = [make.picture(_end(look, paint, glass, rear)) for rear in (True, False)]
    for i in range(len(local) - 1):
        steep = abs(local[i + 1, 1] - local[i, 1]) > 0.2 * body.height
        pane = steep and body.cabin[0] - 0.05 <= outline[i, 0] and outline[i + 1, 0] <= body.cabin[1] + 0.2
        region = (
            ends[0] if i == 0 else ends[1] if i == len(local) - 2 else glass_swatch if pane else body_swatch
        )
        # Right, left as seen from outside, going over the roof from the rear to the front.
        quad = np.array([left[i], right[i], right[i + 1], left[i + 1]])
        if i == len(local) - 2:
            quad = np.array([right[i + 1], left[i + 1], left[i], right[i]])
        make.polygon(quad, region)
    tyre = make.swatch((26, 26, 28))
    radius = 0.32 if body.height < 2 else 0.42
    angle = np.arange(8) * np.pi / 4
    for share in (0.18, 0.8):
        for flank_y in (half + 0.02, -half - 0.02):
            turn = angle if flank_y < 0 else -angle
            x0 = (share - 0.5) * body.length
            rim = [place(x0 + radius * np.cos(t), flank_y, radius + radius * np.sin(t)) for t in turn]
            make.polygon(np.array(rim), tyre, np.full((8, 2), 0.5))
    builder.solid_box("car", center, (body.length, body.width), body.height * 0.95, yaw)


def _side(look: Rng, body: Body, kind: str, paint: np.ndarray, glass: np.ndarray) -> np.ndarray:
    h, w = (32, 80) if body.height < 2 else (44, 88)
    picture = np.tile(paint, (h, w, 1)).astype(np.float32)
    picture[int(h * 0.72) :] *= 0.72
    top, sill = int(h * 0.08), int(h * (0.4 if body.height < 2 else 0.36))
    a, b = int(w * body.cabin[0]), int(w * body.cabin[1])
    picture[top:sill, a:b] = glass * 1.25
    for x in np.linspace(a, b, 3 if kind in ("van", "lorry", "pickup") else 4)[1:-1].astype(int):
        picture[top:sill, x : x + 2] = paint * 0.9
        picture[sill : int(h * 0.85), x] *= 0.6
    if kind in ("van", "lorry"):
        board = (
            lettering(look, int(h * 0.4), int(w * 0.5))
            if look.random() < 0.6
            else mural(look, int(h * 0.5), int(w * 0.5))
        )
        if look.random() < 0.85:
            picture[4 : 4 + board.shape[0], 6 : 6 + board.shape[1]] = board
    elif look.random() < 0.25:
        picture[int(h * 0.5) : int(h * 0.58)] = random_colour(look, (0.3, 1), (0.3, 1))
    for share in (0.18, 0.8):
        cv2.circle(picture, (int(w * share), int(h * 0.86)), int(h * 0.2), (20, 20, 20), -1)
    return picture


def _end(look: Rng, paint: np.ndarray, glass: np.ndarray, rear: bool) -> np.ndarray:
    """Tail or front: lamps, plate, and a rear window where there is room."""
    picture = np.tile(paint * 0.92, (24, 32, 1)).astype(np.float32)
    lamp = (190, 30, 30) if rear else (245, 240, 215)
    picture[8:13, 1:7] = picture[8:13, 25:31] = lamp
    picture[14:19, 11:21] = (235, 225, 150) if look.random() < 0.5 else (240, 240, 240)
    picture[16, 12:20] = (30, 30, 30)
    picture[20:] *= 0.5
    if not rear:
        picture[9:13, 9:23] = (40, 40, 42)
    return picture
