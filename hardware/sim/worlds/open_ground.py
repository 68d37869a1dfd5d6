"""Bare level ground."""

from __future__ import annotations

import mujoco

from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.world import World

_MJCF = """
<mujoco>
  <worldbody>
    <light directional="true" pos="0 0 20" dir="0 0 -1"/>
    <geom name="ground" type="plane" size="0 0 1" rgba=".45 .5 .42 1"/>
  </worldbody>
</mujoco>"""
_HALF_SIDE = 100.0  # [m]


def open_ground() -> World:
    """A world with nothing in it but a plane, 200 m a side."""
    bounds = (-_HALF_SIDE, -_HALF_SIDE, _HALF_SIDE, _HALF_SIDE)
    return World("open", "open", 0, mujoco.MjSpec.from_string(_MJCF), bounds, Conditions())
