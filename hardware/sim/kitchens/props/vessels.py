"""Plates, bowls, pots, pans, cups and tins."""

from __future__ import annotations

from math import cos, pi, sin

import mujoco

from cairn.hardware.sim.kitchens.domain import Rgb
from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder
from cairn.hardware.sim.kitchens.lathe import turned_mesh, vessel_profile
from cairn.hardware.sim.kitchens.prop import Grasp, Prop

_BOX, _CYLINDER = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
_MESH = mujoco.mjtGeom.mjGEOM_MESH
_STAVES = 12  # boxes that make a round wall
_WALL = 0.004  # [m]
_STEEL: Rgb = (176, 178, 182)


def add_plate(builder: KitchenBuilder, name: str, at: tuple[float, float]) -> Prop:
    """Flat, with a rim that is only seen."""
    radius, thick = float(builder.look.uniform(0.066, 0.078)), 0.008
    body = builder.body(name, at, 0.001)
    profile = [
        (0.0, 0.0),
        (0.6 * radius, 0),
        (radius, 0.013),
        (0.99 * radius, 0.0145),
        (0.62 * radius, thick),
    ]
    turned_mesh(builder.spec, name, [*profile, (0.62 * radius, thick), (0, thick)])
    builder.seen(body, _MESH, builder.paint(_crockery(builder), 0.5), meshname=name)
    builder.solid(body, _CYLINDER, size=[0.85 * radius, thick / 2, 0], pos=[0, 0, thick / 2], mass=0.25)
    return builder.add(Prop(name, "plate", radius, rest=0.0, floor=thick, rim=0.0145, opening=0.75 * radius))


def add_bowl(builder: KitchenBuilder, name: str, at: tuple[float, float]) -> Prop:
    radius = float(builder.look.uniform(0.062, 0.070))
    return _vessel(builder, name, "bowl", at, 0.6 * radius, radius, 0.042, _crockery(builder), 0.22)


def add_pot(builder: KitchenBuilder, name: str, at: tuple[float, float]) -> Prop:
    """With two ears."""
    radius = float(builder.look.uniform(0.060, 0.067))
    colour = _STEEL if builder.look.random() < 0.4 else _crockery(builder)
    return _vessel(builder, name, "pot", at, radius - 0.003, radius, 0.055, colour, 0.3, ears=True)


def add_pan(builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float) -> Prop:
    """Low, with a long handle along its x axis."""
    radius = float(builder.look.uniform(0.064, 0.072))
    prop = _vessel(builder, name, "pan", at, radius - 0.008, radius, 0.026, (62, 62, 66), 0.3, yaw=yaw)
    body = builder.spec.body(name)
    material = builder.paint((40, 38, 38))
    builder.block(body, _BOX, material, size=[0.045, 0.008, 0.005], pos=[radius + 0.043, 0, 0.022], mass=0.02)
    return prop


def add_cup(
    builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float, lying: bool = False
) -> Prop:
    """A beaker of 3.6 cm; lying, its axis is along y."""
    radius, height = 0.018, 0.085
    body = builder.body(name, at, 0.001)
    if lying:
        half = pi / 4
        roll, turn = (cos(half), sin(half)), (cos(yaw / 2), sin(yaw / 2))
        body.pos = [*at, radius + 0.001]
        body.quat = [turn[0] * roll[0], turn[0] * roll[1], turn[1] * roll[1], turn[1] * roll[0]]
    profile = vessel_profile(0.94 * radius, radius, height, 0.002, 0.006)
    turned_mesh(builder.spec, name, profile, 18)
    builder.seen(body, _MESH, builder.paint(_crockery(builder), 0.4), meshname=name)
    builder.solid(body, _CYLINDER, size=[0.97 * radius, height / 2, 0], pos=[0, 0, height / 2], mass=0.04)
    builder.spec.body(name).geoms[-1].condim = 6
    return builder.add(
        Prop(
            name,
            "cup",
            radius=0.6 * height if lying else radius,
            rest=0.0,
            rim=height,
            grasps=(Grasp((0.0, 0.0, 0.6 * height)),),
        )
    )


def add_can(
    builder: KitchenBuilder, name: str, at: tuple[float, float], on: float = 0.0, solid: bool = True
) -> Prop:
    """A small tin with a label, standing."""
    radius, height = 0.0165, 0.052
    body = builder.body(name, at, on + height / 2 + 0.001)
    label = ((190, 40, 40), (40, 90, 160), (60, 130, 70), (230, 170, 40))[int(builder.look.integers(4))]
    builder.seen(
        body, _CYLINDER, builder.paint(builder.tint(label)), size=[radius + 0.0004, height / 2 - 0.006, 0]
    )
    builder.block(body, _CYLINDER, builder.paint(_STEEL, 0.7), size=[radius, height / 2, 0], mass=0.06)
    return builder.add(
        Prop(name, "can", radius, rest=height / 2, rim=height / 2, grasps=(Grasp((0.0, 0.0, 0.004)),))
    )


def _vessel(
    builder: KitchenBuilder,
    name: str,
    kind: str,
    at: tuple[float, float],
    foot: float,
    rim: float,
    height: float,
    colour: Rgb,
    mass: float,
    yaw: float = 0.0,
    ears: bool = False,
) -> Prop:
    """Open above, what is touched being a floor and staves around it."""
    floor = 0.006
    body = builder.body(name, at, 0.001, yaw)
    material = builder.paint(builder.tint(colour, 0.03), 0.5)
    turned_mesh(builder.spec, name, vessel_profile(foot, rim, height, _WALL, floor))
    builder.seen(body, _MESH, material, meshname=name)
    builder.solid(body, _CYLINDER, size=[foot, floor / 2, 0], pos=[0, 0, floor / 2], mass=0.7 * mass)
    lean = (rim - foot) / height
    middle = (rim + foot) / 2 - _WALL / 2
    for stave in range(_STAVES):
        angle = 2 * pi * stave / _STAVES
        along, out = cos(angle), sin(angle)
        wall = builder.solid(
            body,
            _BOX,
            size=[_WALL / 2, middle * sin(pi / _STAVES) * 1.05, height / 2],
            pos=[middle * along, middle * out, height / 2],
            mass=0.3 * mass / _STAVES,
        )
        wall.quat = _leaning(angle, lean)
    if ears:
        for side in (-1, 1):
            builder.block(
                body,
                _BOX,
                material,
                size=[0.014, 0.008, 0.003],
                pos=[0, side * (rim + 0.006), height - 0.012],
                mass=0.005,
            )
    return builder.add(
        Prop(name, kind, rim + (0.014 if ears else 0), rest=0.0, floor=floor, rim=height, opening=rim - 0.012)
    )


def _leaning(angle: float, lean: float) -> list[float]:
    """Quaternion of a stave turned by `angle` about the vertical that leans outwards by `lean` [rad]."""
    turn, tilt = (cos(angle / 2), sin(angle / 2)), (cos(lean / 2), sin(lean / 2))
    return [turn[0] * tilt[0], -turn[1] * tilt[1], turn[0] * tilt[1], turn[1] * tilt[0]]


def _crockery(builder: KitchenBuilder) -> Rgb:
    colours = builder.domain.crockery
    return builder.tint(colours[int(builder.look.integers(len(colours)))], 0.04)
