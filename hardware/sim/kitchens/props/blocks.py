"""Blocks, boxes, sponges, cloths and spoons."""

from __future__ import annotations

from math import pi

import mujoco

from cairn.hardware.sim.kitchens.domain import Rgb
from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder
from cairn.hardware.sim.kitchens.prop import Grasp, Prop

_BOX, _ELLIPSOID = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_ELLIPSOID


def add_block(
    builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float, side: float, colour: Rgb
) -> Prop:
    """A wooden cube."""
    half = side / 2
    body = builder.body(name, at, half + 0.001, yaw)
    material = builder.paint(builder.tint(colour))
    builder.block(body, _BOX, material, size=[half] * 3, mass=600 * side**3)
    grasps = (Grasp((0, 0, 0), 0.0), Grasp((0, 0, 0), pi / 2))
    return builder.add(
        Prop(name, "block", 0.72 * side, rest=half, floor=half, rim=half, opening=half, grasps=grasps)
    )


def add_box(builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float) -> Prop:
    """A packet, too wide for the gripper, with a label."""
    size = [0.03, 0.045, 0.025]
    body = builder.body(name, at, size[2] + 0.001, yaw)
    colour, label = (
        ((206, 60, 50), (244, 226, 120)) if builder.look.random() < 0.5 else ((50, 110, 170), (240,) * 3)
    )
    builder.block(body, _BOX, builder.paint(builder.tint(colour)), size=size, mass=0.08).friction = [
        0.5,
        0.01,
        0.001,
    ]
    builder.seen(body, _BOX, builder.paint(label), size=[0.018, 0.030, 0.0006], pos=[0, 0, size[2]])
    return builder.add(Prop(name, "box", 0.054, rest=size[2], rim=size[2]))


def add_sponge(
    builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float, on: float = 0.0
) -> Prop:
    """Two layers; fingers take it across."""
    body = builder.body(name, at, on + 0.014, yaw)
    builder.block(
        body,
        _BOX,
        builder.paint((240, 210, 70), 0),
        size=[0.038, 0.016, 0.009],
        pos=[0, 0, -0.004],
        mass=0.015,
    )
    builder.block(
        body, _BOX, builder.paint((70, 130, 80), 0), size=[0.038, 0.016, 0.004], pos=[0, 0, 0.009], mass=0.01
    )
    return builder.add(
        Prop(name, "sponge", 0.042, rest=0.013, rim=0.013, grasps=(Grasp((0, 0, 0.0), pi / 2),))
    )


def add_cloth(
    builder: KitchenBuilder,
    name: str,
    kind: str,
    at: tuple[float, float],
    yaw: float,
    half: tuple[float, float],
) -> Prop:
    """A folded towel or a mat: flat, and it stays where it lies."""
    thick = 0.003
    body = builder.body(name, at, 0.0, yaw, loose=False)
    colours = builder.domain.cloth
    colour = builder.tint(colours[int(builder.look.integers(len(colours)))])
    material = builder.paint(colour, 0)
    if kind == "mat":  # has no edge that what is pushed could catch on
        thick = 0.0008
        builder.seen(body, _BOX, material, size=[*half, thick / 2], pos=[0, 0, thick / 2])
    else:
        builder.block(body, _BOX, material, size=[*half, thick / 2], pos=[0, 0, thick / 2])
    red, green, blue = (0.4 * value + 150 for value in colour)
    stripe = builder.paint((red, green, blue), 0)
    for side in (-1, 1):
        builder.seen(
            body,
            _BOX,
            stripe,
            size=[half[0], 0.004, 0.0004],
            pos=[0, side * (half[1] - 0.012), thick],
        )
    radius = max(half) if kind == "mat" else 1.2 * max(half)
    return builder.add(Prop(name, kind, radius, rest=0.0, floor=thick, rim=thick, opening=min(half) - 0.01))


def add_spoon(builder: KitchenBuilder, name: str, at: tuple[float, float], yaw: float) -> Prop:
    """Of thick plastic, a toy: its handle stands high enough for the fingers."""
    body = builder.body(name, at, 0.011, yaw)
    colours: tuple[Rgb, ...] = ((60, 140, 90), (214, 70, 60), (70, 90, 180), (120, 120, 126))
    material = builder.paint(builder.tint(colours[int(builder.look.integers(len(colours)))]), 0.5)
    builder.block(body, _BOX, material, size=[0.042, 0.008, 0.010], pos=[-0.015, 0, 0], mass=0.02)
    builder.block(body, _ELLIPSOID, material, size=[0.022, 0.017, 0.010], pos=[0.042, 0, 0], mass=0.01)
    return builder.add(
        Prop(name, "spoon", 0.065, rest=0.010, rim=0.010, grasps=(Grasp((-0.005, 0, 0.0), pi / 2),))
    )
