"""What is around the place where things are done."""

from __future__ import annotations

from collections.abc import Callable

import mujoco
import numpy as np

from cairn.hardware.sim.kitchens.domain import Finish
from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder

_BOX, _CYLINDER = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
_PLANE, _CAPSULE = mujoco.mjtGeom.mjGEOM_PLANE, mujoco.mjtGeom.mjGEOM_CAPSULE
_DEPTH = 0.62  # [m] from the arm's base to the wall
_STEEL = (182, 184, 188)


def add_surroundings(builder: KitchenBuilder) -> None:
    """The surface at z = 0, what frames it, and light."""
    _SURROUNDINGS[builder.domain.surroundings](builder)
    _light(builder)


def _table(builder: KitchenBuilder) -> None:
    """Ends before the wall; the floor shows behind it."""
    _top(builder, -0.35, 0.60, 0.62)
    floor = builder.finish(Finish("wood", (120, 96, 76)))
    world = builder.spec.worldbody
    for name, size, at, quat, material in (
        ("floor", [4, 4, 0.1], [1.0, 0, -0.75], [1, 0, 0, 0], floor),
        ("wall", [1.5, 4, 0.1], [1.9, 0, 0.4], [0.7071068, 0, -0.7071068, 0], _wall(builder)),
    ):
        builder.seen(world, _PLANE, material, name=name, size=size, pos=at, quat=quat)


def _counter(builder: KitchenBuilder) -> None:
    """Goes to the wall, with a strip and a socket on it."""
    _top(builder, -0.35, _DEPTH, 1.2)
    _back_wall(builder)
    world = builder.spec.worldbody
    front = builder.finish(builder.domain.front)
    builder.seen(world, _BOX, front, size=[0.008, 1.2, 0.02], pos=[_DEPTH - 0.008, 0, 0.02])
    side = float(builder.stream("socket").choice((-1.0, 1.0)))
    plate = builder.paint((240, 240, 236))
    builder.seen(world, _BOX, plate, size=[0.004, 0.035, 0.035], pos=[_DEPTH - 0.004, 0.2 * side, 0.14])


def _sink(builder: KitchenBuilder) -> None:
    """A basin: its floor is the surface, and the counter stands around it."""
    _top(builder, -0.35, 0.64, 1.2)
    _back_wall(builder)
    top = builder.finish(builder.domain.front)
    rim = builder.finish(builder.domain.top)
    surface, depth = builder.surface, 0.06
    for sign in (-1, 1):
        builder.block(surface, _BOX, top, size=[0.5, 0.4, depth / 2], pos=[0.15, sign * 0.70, depth / 2])
        builder.block(
            surface, _BOX, rim, size=[0.22, 0.006, depth / 2 + 0.002], pos=[0.345, sign * 0.294, depth / 2]
        )
    builder.block(surface, _BOX, rim, size=[0.006, 0.30, depth / 2 + 0.002], pos=[0.566, 0, depth / 2])
    builder.block(surface, _BOX, top, size=[0.03, 0.30, depth / 2], pos=[0.60, 0, depth / 2])
    drain = builder.paint((70, 72, 76), 0.6)
    builder.seen(surface, _CYLINDER, drain, size=[0.024, 0.0006, 0], pos=[0.31, 0.0, 0.0])
    builder.seen(surface, _CYLINDER, builder.paint(_STEEL, 0.8), size=[0.030, 0.0004, 0], pos=[0.31, 0, 0])
    metal = builder.paint(_STEEL, 0.9)
    side = 1.0 if builder.domain.camera[1] < 0 else -1.0
    column, spout = [0.60, side * 0.16, 0.14], [0.52, side * 0.13, 0.25]
    builder.block(surface, _CYLINDER, metal, size=[0.013, 0.11, 0], pos=column)
    builder.block(surface, _CAPSULE, metal, size=[0.010, 0, 0], fromto=[*column[:2], 0.25, *spout])
    builder.block(surface, _CAPSULE, metal, size=[0.009, 0, 0], fromto=[*spout, *spout[:2], 0.215])


def _stove(builder: KitchenBuilder) -> None:
    """Four flat burners, and knobs on a panel behind."""
    _top(builder, -0.35, _DEPTH, 0.42)
    _back_wall(builder)
    world = builder.spec.worldbody
    front = builder.finish(builder.domain.front)
    for sign in (-1, 1):
        builder.block(builder.surface, _BOX, front, size=[0.5, 0.4, 0.012], pos=[0.13, sign * 0.825, 0.012])
    builder.seen(world, _BOX, front, size=[0.012, 0.42, 0.05], pos=[_DEPTH - 0.012, 0, 0.05])
    bright = sum(builder.domain.top.colour) > 360
    ring = builder.paint((96, 96, 100) if bright else (150, 60, 48), 0.1)
    plate = builder.paint((46, 46, 50) if bright else (30, 30, 32), 0.4)
    for x in (0.2, 0.43):
        for y in (-0.14, 0.14):
            radius = 0.085 if (x < 0.3) == (y < 0) else 0.07
            for size, height, material in ((radius, 0.0002, ring), (radius - 0.008, 0.0004, plate)):
                builder.seen(world, _CYLINDER, material, size=[size, height, 0], pos=[x, y, 0])
            builder.seen(world, _CYLINDER, ring, size=[0.4 * radius, 0.0006, 0], pos=[x, y, 0])
            builder.seen(world, _CYLINDER, plate, size=[0.4 * radius - 0.006, 0.0008, 0], pos=[x, y, 0])
    knob = builder.paint((40, 40, 44) if sum(builder.domain.front.colour) > 300 else (220, 220, 220), 0.5)
    for y in np.linspace(-0.24, 0.24, 5):
        builder.seen(
            world,
            _CYLINDER,
            knob,
            size=[0.018, 0.012, 0],
            pos=[_DEPTH - 0.032, float(y), 0.055],
            quat=[0.7071068, 0, 0.7071068, 0],
        )


_SURROUNDINGS: dict[str, Callable[[KitchenBuilder], None]] = {
    "table": _table,
    "counter": _counter,
    "sink": _sink,
    "stove": _stove,
}


def _top(builder: KitchenBuilder, near: float, far: float, half_width: float) -> None:
    """What things stand on, from x = near to far [m]."""
    builder.block(
        builder.surface,
        _BOX,
        builder.finish(builder.domain.top),
        size=[(far - near) / 2, half_width, 0.02],
        pos=[(far + near) / 2, 0, -0.02],
    )


def _wall(builder: KitchenBuilder) -> str:
    return builder.finish(builder.domain.wall)


def _back_wall(builder: KitchenBuilder) -> None:
    # A plane's texture lies along its own x and y: it stands up, turned towards the arm.
    builder.seen(
        builder.spec.worldbody,
        _PLANE,
        _wall(builder),
        name="wall",
        size=[0.6, 1.2, 0.1],
        pos=[_DEPTH + 0.02, 0, 0.55],
        quat=[0.7071068, 0, -0.7071068, 0],
    )


def _light(builder: KitchenBuilder) -> None:
    """One lamp or window, a little different every time, and shade that is not black."""
    domain, rng = builder.domain, builder.stream("light")
    towards = np.asarray(domain.towards_light) + rng.normal(0, 0.12, 3)
    towards /= np.linalg.norm(towards)
    bright = float(rng.uniform(0.85, 1.1))
    lamp = builder.spec.worldbody.add_light(name="lamp", type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)
    lamp.pos = (np.array([0.32, 0, 0]) + 1.5 * towards).tolist()
    lamp.dir = (-towards).tolist()
    lamp.diffuse = (0.62 * bright * np.asarray(domain.light)).tolist()
    lamp.ambient, lamp.specular = [0, 0, 0], [0.3] * 3
    lamp.castshadow = True
    visual = builder.spec.visual
    visual.headlight.ambient = [domain.ambient * float(rng.uniform(0.92, 1.08))] * 3
    visual.headlight.diffuse = [0.08] * 3
    visual.headlight.specular = [0.0] * 3
    quality = visual.quality
    quality.numslices, quality.numstacks, quality.numquads = 20, 10, 1
    quality.offsamples, quality.shadowsize = 0, 2048
    builder.spec.stat.extent, builder.spec.stat.center = 1.0, [0.3, 0, 0]
    visual.map.znear, visual.map.zfar, visual.map.shadowclip = 0.02, 6.0, 0.6
