"""Builds one world: solids to hit, shapes to see, and the passages that must stay open."""

from __future__ import annotations

from collections import Counter
from zlib import crc32

import mujoco
import numpy as np

from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.free_space import FreeSpace
from cairn.hardware.sim.worlds.geometry import Array, Point, Rect, disc, footprint
from cairn.hardware.sim.worlds.ground import Ground
from cairn.hardware.sim.worlds.lighting import add_lighting
from cairn.hardware.sim.worlds.mesh_buffer import MeshBuffer
from cairn.hardware.sim.worlds.shapes import Shapes, add_texture, add_textured_material
from cairn.hardware.sim.worlds.textures.sky import draw_sky

COLLISION_GROUP = 3
GROUND_CELL = 5.0
"""Metres between the vertices of what is seen of the ground."""
DRIVABLE_STEP = 0.04
"""Metres that the robot's wheels climb."""
FRICTION = [1.0, 0.005, 0.0001]
"""The wheels' contact priority is higher than ours, so that their own friction holds."""


class WorldBuilder:
    """Everything that a kind's layout needs to put things into a world."""

    def __init__(self, kind: str, seed: int, attempt: int, bounds: Rect, conditions: Conditions) -> None:
        self.bounds = bounds
        self.conditions = conditions
        self._key = [crc32(kind.encode()), seed, attempt]
        self.layout = self.stream("layout")
        self.look = self.stream("look")
        self.free = FreeSpace(bounds)
        self.shapes = Shapes()
        self.solids: list[tuple[Array, float]] = []
        self.ground = Ground(self.stream("ground"), bounds, "grass")
        self.spec = mujoco.MjSpec()
        self._names: Counter[str] = Counter()

    def stream(self, name: str, *numbers: int) -> np.random.Generator:
        """Random numbers of one purpose, so that changing one thing leaves the others as they are."""
        return np.random.default_rng([*self._key, crc32(name.encode()), *numbers])

    def solid_box(
        self, prefix: str, center: Point, size: Point, height: float, yaw: float = 0.0, shadow: bool = True
    ) -> None:
        """An obstacle named `<prefix>_<n>` that stands on the ground; metres and radians."""
        geom = self._solid(prefix, mujoco.mjtGeom.mjGEOM_BOX)
        geom.size = [size[0] / 2, size[1] / 2, height / 2]
        geom.pos = [*center, height / 2]
        geom.quat = [np.cos(yaw / 2), 0, 0, np.sin(yaw / 2)]
        self._occupy(footprint(*center, *size, yaw), height, shadow)

    def solid_cylinder(
        self, prefix: str, center: Point, radius: float, height: float, shadow: bool = True
    ) -> None:
        """A round obstacle named `<prefix>_<n>` that stands on the ground."""
        geom = self._solid(prefix, mujoco.mjtGeom.mjGEOM_CYLINDER)
        geom.size = [radius, height / 2, 0]
        geom.pos = [*center, height / 2]
        self._occupy(disc(*center, radius), height, shadow)

    def shade(self, polygon: Array, height: float) -> None:
        """Cast a shadow without being an obstacle, as a tree's crown does."""
        self.solids.append((polygon, height))

    def finish(self) -> mujoco.MjSpec:
        """Light, sky and ground; the spec is ready for a robot."""
        self.spec.modelname = "world"
        ground = self.spec.worldbody.add_geom(name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE)
        ground.size = [0, 0, 1]
        ground.friction = FRICTION
        ground.group = COLLISION_GROUP
        add_lighting(self.spec, self.conditions)
        add_texture(
            self.spec,
            "sky",
            mujoco.mjtTexture.mjTEXTURE_SKYBOX,
            draw_sky(self.stream("skyline"), self._weather(), self.conditions),
        )
        add_textured_material(self.spec, "ground", self.ground.image(self.solids, self.conditions))
        extent = self.ground.extent
        carpet = MeshBuffer()
        # A grid rather than one quad, because fog is computed at vertices.
        columns, rows = round(extent.width / GROUND_CELL), round(extent.height / GROUND_CELL)
        u, v = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1))
        x, y = extent.x0 + u * extent.width, extent.y0 + v * extent.height
        points = np.stack([x, y, 0 * x], -1).reshape(-1, 3)
        a = (np.arange(rows)[:, None] * (columns + 1) + np.arange(columns)).ravel()
        b = a + columns + 1
        faces = np.concatenate([np.stack([a, a + 1, b + 1], 1), np.stack([a, b + 1, b], 1)]).astype(np.int32)
        uv = np.stack([u, 1 - v], -1).reshape(-1, 2)
        carpet.triangles(points, uv, np.tile([0.0, 0.0, 1.0], (len(points), 1)), faces)
        carpet.add_to(self.spec, "ground_cover", "ground")
        self.shapes.add_to(self.spec)
        return self.spec

    def _weather(self) -> np.random.Generator:
        return np.random.default_rng(crc32(str(self.conditions).encode()))

    def _solid(self, prefix: str, kind: mujoco.mjtGeom) -> mujoco.MjsGeom:
        number = self._names[prefix]
        self._names[prefix] += 1
        geom = self.spec.worldbody.add_geom(name=f"{prefix}_{number}", type=kind)
        geom.friction = FRICTION
        geom.group = COLLISION_GROUP
        return geom

    def _occupy(self, polygon: Array, height: float, shadow: bool) -> None:
        if height > DRIVABLE_STEP:
            self.free.block(polygon)
        if shadow:
            self.solids.append((polygon, height))
