"""Fruit and vegetables: toys that lie, and that fingers take across."""

from __future__ import annotations

from math import pi

import mujoco

from cairn.hardware.sim.kitchens.domain import Rgb
from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder
from cairn.hardware.sim.kitchens.lathe import turned_mesh
from cairn.hardware.sim.kitchens.prop import Grasp, Prop

_BOX, _MESH = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_MESH
_LYING = [0.7071068, 0, 0.7071068, 0]  # the mesh's z axis along the body's x axis
Profile = list[tuple[float, float]]

_CARROT: Profile = [(0, -0.055), (0.006, -0.053), (0.012, -0.02), (0.0155, 0.025), (0.014, 0.038), (0, 0.042)]
_STALK: Profile = [(0, 0.038), (0.005, 0.04), (0.009, 0.058), (0, 0.062)]
_EGGPLANT: Profile = [
    (0, -0.05),
    (0.012, -0.047),
    (0.018, -0.035),
    (0.0185, -0.015),
    (0.015, 0.012),
    (0.012, 0.03),
    (0, 0.036),
]
_CAP: Profile = [(0, 0.028), (0.014, 0.028), (0.009, 0.037), (0.004, 0.04), (0.004, 0.05), (0, 0.051)]
_CORN: Profile = [(0, -0.05), (0.009, -0.048), (0.0155, -0.03), (0.016, 0.01), (0.013, 0.03), (0, 0.034)]
_HUSK: Profile = [(0, 0.012), (0.0175, 0.014), (0.015, 0.034), (0.008, 0.052), (0, 0.054)]
_POTATO: Profile = [(0, -0.03), (0.013, -0.026), (0.0185, -0.008), (0.018, 0.01), (0.012, 0.025), (0, 0.03)]


def add_carrot(
    builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float, on: float = 0.0
) -> Prop:
    return _add(builder, name, "carrot", at, yaw, on, (_CARROT, (236, 118, 32)), (_STALK, (70, 140, 50)))


def add_eggplant(
    builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float, on: float = 0.0
) -> Prop:
    return _add(builder, name, "eggplant", at, yaw, on, (_EGGPLANT, (82, 36, 104)), (_CAP, (80, 130, 60)))


def add_corn(
    builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float, on: float = 0.0
) -> Prop:
    return _add(builder, name, "corn", at, yaw, on, (_CORN, (246, 206, 60)), (_HUSK, (108, 156, 66)))


def add_potato(
    builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float, on: float = 0.0
) -> Prop:
    return _add(builder, name, "potato", at, yaw, on, (_POTATO, (190, 146, 92)))


def _add(
    builder: KitchenBuilder,
    name: str,
    kind: str,
    at: tuple[float, float],
    yaw: float,
    on: float,
    *parts: tuple[Profile, Rgb],
) -> Prop:
    """What is touched is a box around the body of it: it does not roll away."""
    flesh = parts[0][0]
    thick = max(radius for radius, _ in flesh)
    low, high = flesh[0][1], flesh[-1][1]
    body = builder.body(name, at, on + thick + 0.001, yaw)
    for number, (profile, colour) in enumerate(parts):
        mesh = f"{name}_{number}"
        turned_mesh(builder.spec, mesh, profile, 14)
        builder.seen(body, _MESH, builder.paint(builder.tint(colour)), meshname=mesh, quat=_LYING)
    side = 0.9 * thick
    builder.solid(
        body,
        _BOX,
        size=[(high - low) / 2 - 0.003, side, thick],
        pos=[(high + low) / 2, 0, 0],
        mass=0.035,
    )
    return builder.add(
        Prop(
            name,
            kind,
            radius=max(-low, high) + 0.005,
            rest=thick,
            rim=thick,
            grasps=(Grasp((0.0, 0.0, 0.0), pi / 2),),
        )
    )
