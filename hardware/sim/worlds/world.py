"""A place to drive in, before any robot is attached to it."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco

from cairn.hardware.sim.worlds.conditions import Conditions


@dataclass(frozen=True)
class World:
    """A static outdoor world, z up, in metres.

    `spec` is not compiled, so that a robot can be attached.  What is seen is a handful of meshes in
    group 0 that collide with nothing; what is hit are boxes, cylinders and one plane named `ground` in
    group 3, which renderers do not draw by default and which rays should be restricted to.  `bounds` are
    xmin, ymin, xmax, ymax of the geofence.
    """

    name: str
    kind: str
    seed: int
    spec: mujoco.MjSpec
    bounds: tuple[float, float, float, float]
    conditions: Conditions
