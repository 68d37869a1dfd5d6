"""Sun, sky light and fog of a world.  Fog shows in scenes whose mjRND_FOG flag is set."""

from __future__ import annotations

import mujoco
import numpy as np

from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.textures.sky import fog_colour

EXTENT = 10.0
"""Metres; the model's nominal size, in whose units MuJoCo measures clipping planes and fog."""
SUN = {"clear": (0.78, 0.74, 0.64), "overcast": (0.16, 0.16, 0.16), "twilight": (0.24, 0.15, 0.10)}
FILL = {"clear": (0.13, 0.14, 0.17), "overcast": (0.10, 0.10, 0.11), "twilight": (0.10, 0.11, 0.17)}
AMBIENT = {"clear": (0.36, 0.38, 0.43), "overcast": (0.62, 0.63, 0.65), "twilight": (0.34, 0.36, 0.46)}


def add_lighting(spec: mujoco.MjSpec, conditions: Conditions) -> None:
    """Two directional lights without shadows (those on the ground are painted), ambient light and fog."""
    azimuth, elevation = np.radians([conditions.sun_azimuth, max(conditions.sun_elevation, 5)])
    to_sun = np.array(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
    )
    turn = azimuth + np.radians(130)
    to_fill = np.array([np.cos(turn), np.sin(turn), 0.45])
    for name, direction, colour in (("sun", to_sun, SUN), ("fill", to_fill, FILL)):
        light = spec.worldbody.add_light(name=name, type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)
        light.pos = (direction * 50).tolist()
        light.dir = (-direction / np.linalg.norm(direction)).tolist()
        light.diffuse, light.ambient, light.specular = list(colour[conditions.sky]), [0, 0, 0], [0, 0, 0]
        light.castshadow = False
    visual = spec.visual
    visual.headlight.ambient = list(AMBIENT[conditions.sky])
    visual.headlight.diffuse = [0, 0, 0]
    visual.headlight.specular = [0, 0, 0]
    visual.quality.numslices, visual.quality.numstacks, visual.quality.numquads = 8, 6, 1
    visual.quality.offsamples = 0
    visual.quality.shadowsize = 0
    spec.stat.extent = EXTENT
    visual.map.znear, visual.map.zfar = 0.05 / EXTENT, 220 / EXTENT
    visual.map.fogstart = 1.0 / EXTENT
    visual.map.fogend = float(np.interp(conditions.fog, [0, 0.3, 1], [300, 70, 16])) / EXTENT
    visual.rgba.fog = [*fog_colour(conditions), 1]
