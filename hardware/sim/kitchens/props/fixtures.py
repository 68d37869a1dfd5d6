"""Drawers, boxes with lids and levers: what stays where it stands and has a joint."""

from __future__ import annotations

from math import cos, pi, sin

import mujoco

from cairn.hardware.sim.kitchens.domain import Rgb
from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder
from cairn.hardware.sim.kitchens.prop import Grasp, Prop

_BOX, _CYLINDER = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
_SPHERE = mujoco.mjtGeom.mjGEOM_SPHERE
_HINGE, _SLIDE = mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE
_PLY = 0.005  # half a board [m]
DRAWER_WAY = 0.09
LID_STOP = 1.9
LEVER_STOP = 1.75
_KNOB_OUT = 0.027  # middle of a drawer's knob before its front [m]


def add_drawer(builder: KitchenBuilder, at: tuple[float, float], opened: float) -> Prop:
    """A cabinet with one drawer that comes out towards the arm, joint `drawer` [m]; body `drawer`.

    `at`: middle of the closed front on the surface; `opened`: how far out it is at first [m].
    """
    half_width, depth, height = 0.075, 0.13, 0.08
    front = builder.finish(builder.domain.front)
    dark = builder.paint((52, 46, 42), 0)
    cabinet = builder.body("cabinet", (at[0], at[1]), 0.0, loose=False)
    middle = depth / 2
    for sign in (-1, 1):
        builder.block(
            cabinet,
            _BOX,
            front,
            size=[middle, _PLY, height / 2],
            pos=[middle, sign * (half_width + _PLY), height / 2],
        )
    builder.block(
        cabinet, _BOX, front, size=[middle, half_width + 2 * _PLY, _PLY], pos=[middle, 0, height + _PLY]
    )
    builder.block(
        cabinet, _BOX, front, size=[_PLY, half_width, height / 2], pos=[depth - _PLY, 0, height / 2]
    )
    drawer = cabinet.add_body(name="drawer", pos=[0, 0, 0])
    joint = drawer.add_joint(
        name="drawer",
        type=_SLIDE,
        axis=[-1, 0, 0],
        range=[0, DRAWER_WAY],
        limited=mujoco.mjtLimited.mjLIMITED_TRUE,
    )
    joint.damping, joint.frictionloss = [4.0, 0, 0], 0.8
    low, high = 0.006, height - 0.004
    # A proud front hides the gap and stops at the cabinet.
    builder.block(
        drawer,
        _BOX,
        front,
        size=[_PLY, half_width + 0.006, (high - low) / 2],
        pos=[-_PLY - 0.001, 0, (high + low) / 2],
        mass=0.08,
    )
    inside = 0.5 * depth - 0.012
    builder.block(
        drawer, _BOX, dark, size=[inside, half_width - 0.004, 0.003], pos=[inside, 0, 0.012], mass=0.08
    )
    for sign in (-1, 1):
        builder.block(
            drawer,
            _BOX,
            dark,
            size=[inside, 0.003, 0.02],
            pos=[inside, sign * (half_width - 0.008), 0.03],
            mass=0.03,
        )
    metal = builder.paint((196, 188, 160), 0.9)
    knob = builder.block(
        drawer,
        _CYLINDER,
        metal,
        size=[0.011, 0.019, 0],
        pos=[-0.03, 0, 0.045],
        mass=0.02,
    )
    knob.quat = [cos(pi / 4), 0, sin(pi / 4), 0]
    builder.spec.add_exclude(bodyname1="cabinet", bodyname2="drawer")
    builder.take((at[0] + middle, at[1]), 0.10)
    builder.take((at[0] - 0.06, at[1]), 0.075)
    builder.starts["drawer"] = opened
    return builder.add(
        Prop("drawer", "drawer", 0.1, rest=0.0, rim=high, grasps=(Grasp((-_KNOB_OUT, 0, 0.045), pi / 2),))
    )


def add_chest(builder: KitchenBuilder, at: tuple[float, float], opened: float) -> Prop:
    """A box whose lid is hinged on its left (+y), joint `lid` [rad]; bodies `chest` and `lid`.

    The lid's frame is at the hinge.  `opened`: its angle at first [rad].
    """
    half_x, half_y, height = 0.05, 0.05, 0.055
    front = builder.finish(builder.domain.front)
    colours: tuple[Rgb, ...] = ((200, 72, 60), (66, 110, 170), (84, 140, 90), (220, 170, 70))
    lid_paint = builder.paint(builder.tint(colours[int(builder.look.integers(len(colours)))]), 0.3)
    dark = builder.paint((44, 40, 38), 0)
    chest = builder.body("chest", at, 0.0, loose=False)
    for sign in (-1, 1):
        builder.block(
            chest, _BOX, front, size=[half_x, 0.004, height / 2], pos=[0, sign * (half_y - 0.004), height / 2]
        )
        builder.block(
            chest, _BOX, front, size=[0.004, half_y, height / 2], pos=[sign * (half_x - 0.004), 0, height / 2]
        )
    builder.seen(chest, _BOX, dark, size=[half_x - 0.006, half_y - 0.006, 0.002], pos=[0, 0, 0.004])
    lid = chest.add_body(name="lid", pos=[0, half_y, height + 0.001])
    joint = lid.add_joint(
        name="lid",
        type=_HINGE,
        axis=[-1, 0, 0],
        range=[0, LID_STOP],
        limited=mujoco.mjtLimited.mjLIMITED_TRUE,
    )
    joint.damping, joint.frictionloss = [0.01, 0, 0], 0.022
    joint.armature = 0.0005
    builder.block(
        lid, _BOX, lid_paint, size=[half_x + 0.003, half_y, 0.004], pos=[0, -half_y, 0.004], mass=0.04
    )
    # A fin that fingers take, and that turns with the hand.
    handle = builder.paint((40, 40, 44), 0.5)
    builder.block(lid, _BOX, handle, size=[0.009, 0.014, 0.015], pos=[0, -0.078, 0.022], mass=0.01)
    builder.spec.add_exclude(bodyname1="chest", bodyname2="lid")
    builder.take(at, 0.075)
    builder.starts["lid"] = opened
    return builder.add(
        Prop("lid", "lid", 0.075, rest=0.0, rim=0.037, grasps=(Grasp((0.0, -0.078, 0.022), 0.0),))
    )


def add_lever(builder: KitchenBuilder, at: tuple[float, float]) -> Prop:
    """A tap's lever that points at the arm and turns to its left (-y), joint `lever` [rad]; body `lever`."""
    metal = builder.paint((186, 188, 192), 0.9)
    base = builder.body("post", at, 0.0, loose=False)
    builder.block(base, _CYLINDER, metal, size=[0.016, 0.022, 0], pos=[0, 0, 0.022])
    builder.block(base, _CYLINDER, metal, size=[0.026, 0.004, 0], pos=[0, 0, 0.004])
    lever = base.add_body(name="lever", pos=[0, 0, 0.046])
    joint = lever.add_joint(
        name="lever",
        type=_HINGE,
        axis=[0, 0, 1],
        range=[0, LEVER_STOP],
        limited=mujoco.mjtLimited.mjLIMITED_TRUE,
    )
    joint.damping, joint.frictionloss, joint.armature = [0.02, 0, 0], 0.05, 0.001
    red = builder.paint(builder.tint((204, 50, 44)), 0.4)
    builder.block(lever, _CYLINDER, metal, size=[0.017, 0.006, 0], pos=[0, 0, 0.007], mass=0.03)
    builder.block(lever, _BOX, metal, size=[0.045, 0.008, 0.005], pos=[-0.045, 0, 0.008], mass=0.03)
    builder.block(lever, _SPHERE, red, size=[0.013, 0, 0], pos=[-0.090, 0, 0.010], mass=0.01)
    builder.spec.add_exclude(bodyname1="post", bodyname2="lever")
    builder.take(at, 0.105)
    builder.starts["lever"] = 0.0
    return builder.add(Prop("lever", "lever", 0.105, rest=0.0, rim=0.02))
