"""Things that stand about and have nothing to do with the task."""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import mujoco

from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder, NoRoom
from cairn.hardware.sim.kitchens.prop import Prop
from cairn.hardware.sim.kitchens.props import blocks, produce, vessels

_BOX, _CYLINDER = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
_COLOURS = ((40, 110, 70), (180, 50, 44), (60, 80, 150), (230, 190, 80), (236, 236, 230), (110, 70, 50))
_LOOSE: dict[str, tuple[float, Callable[[KitchenBuilder, str, tuple[float, float], float], Prop]]] = {
    "can": (0.02, lambda builder, name, at, yaw: vessels.add_can(builder, name, at)),
    "sponge": (0.042, blocks.add_sponge),
    "corn": (0.06, produce.add_corn),
    "potato": (0.04, produce.add_potato),
    "carrot": (0.065, produce.add_carrot),
    "cup": (0.02, lambda builder, name, at, yaw: vessels.add_cup(builder, name, at, yaw)),
}


def add_distractors(builder: KitchenBuilder) -> None:
    """Up to the domain's number within reach, of kinds that the task does not need, and some out of reach."""
    rng = builder.stream("distractors")
    kinds = {prop.kind for prop in builder.props.values()}
    others = [kind for kind in _LOOSE if kind not in kinds]
    count = int(rng.integers(0, builder.domain.distractors + 1))
    for kind in rng.permutation(others)[:count].tolist():
        radius, add = _LOOSE[kind]
        try:
            at = builder.spot(radius + 0.03, (0.20, 0.44), (-0.2, 0.2))
        except NoRoom:
            break
        add(builder, f"other_{kind}", at, float(rng.uniform(-pi, pi)))
    for number in range(int(rng.integers(1, 4))):
        _stand(builder, number, rng.choice((-1.0, 1.0)) * float(rng.uniform(0.03, 0.25)))


def _stand(builder: KitchenBuilder, number: int, y: float) -> None:
    """A bottle, a jar or a packet by the wall, out of reach."""
    rng = builder.stream(f"standing_{number}")
    at = (float(rng.uniform(0.51, 0.54)), y)
    if any((at[0] - a) ** 2 + (at[1] - b) ** 2 < (r + 0.05) ** 2 for a, b, r in builder.taken):
        return
    builder.take(at, 0.03)
    body = builder.body(f"standing_{number}", at, 0.0, float(rng.uniform(-pi, pi)), loose=False)
    colour = builder.paint(_COLOURS[int(rng.integers(len(_COLOURS)))], 0.4)
    lid = builder.paint(_COLOURS[int(rng.integers(len(_COLOURS)))], 0.4)
    kind, height = int(rng.integers(3)), float(rng.uniform(0.05, 0.09))
    if kind == 0:  # a bottle
        builder.block(body, _CYLINDER, colour, size=[0.024, height, 0], pos=[0, 0, height])
        builder.block(body, _CYLINDER, lid, size=[0.010, 0.02, 0], pos=[0, 0, 2 * height + 0.02])
    elif kind == 1:  # a jar
        builder.block(body, _CYLINDER, colour, size=[0.03, 0.6 * height, 0], pos=[0, 0, 0.6 * height])
        builder.block(body, _CYLINDER, lid, size=[0.031, 0.007, 0], pos=[0, 0, 1.2 * height + 0.007])
    else:  # a packet
        builder.block(body, _BOX, colour, size=[0.02, 0.03, height], pos=[0, 0, height])
        builder.seen(body, _BOX, lid, size=[0.0205, 0.022, 0.4 * height], pos=[0, 0, 1.1 * height])
