"""Builds one kitchen: what is seen, what can be touched, and where things stand."""

from __future__ import annotations

from zlib import crc32

import mujoco
import numpy as np

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.kitchens.domain import Domain, Finish, Rgb
from cairn.hardware.sim.kitchens.goals import SURFACE
from cairn.hardware.sim.kitchens.prop import Prop
from cairn.hardware.sim.kitchens.textures import TEXTURES
from cairn.hardware.sim.worlds.shapes import add_textured_material

REACH = ((0.22, 0.40), (-0.15, 0.15))
"""x and y [m] where the hand reaches things from above."""
_TEXTURE = 384  # pixels of half a metre
_GAP = 0.012  # between things [m]
_TRIES = 400
_SOLID = 3  # group of what is touched and not seen
_FRICTION = [0.9, 0.01, 0.002]


class KitchenBuilder:
    """Random numbers come in streams of one purpose each, so that changing one thing leaves the others."""

    def __init__(self, domain: Domain, task: str, seed: int, attempt: int = 0) -> None:
        self.domain = domain
        self.spec = mujoco.MjSpec()
        self.spec.compiler.degree = False
        self.spec.modelname = f"{domain.name}-{task}-{seed}"
        self._key = [crc32(domain.name.encode()), crc32(task.encode()), seed, attempt]
        self.layout, self.look = self.stream("layout"), self.stream("look")
        self.props: dict[str, Prop] = {}
        self.starts: dict[str, float] = {}
        self.surface = self.spec.worldbody.add_body(name=SURFACE)
        self.taken: list[tuple[float, float, float]] = []
        self._materials: dict[Finish | tuple[float, ...], str] = {}

    def stream(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng([*self._key, crc32(purpose.encode())])

    def finish(self, finish: Finish) -> str:
        """Name of a material: the domain's own, the same with every seed."""
        if finish not in self._materials:
            name = f"{finish.texture}_{len(self._materials)}"
            rng = np.random.default_rng([crc32(self.domain.name.encode()), crc32(str(finish).encode())])
            picture = TEXTURES[finish.texture](rng, _TEXTURE, _TEXTURE, np.asarray(finish.colour, np.float32))
            add_textured_material(self.spec, name, np.asarray(np.clip(picture, 0, 255), np.uint8))
            self._materials[finish] = name
        return self._materials[finish]

    def paint(self, colour: Rgb, gloss: float = 0.25) -> str:
        """Name of a plain material of a colour, 0..255."""
        r, g, b = (float(min(255.0, max(0.0, value))) / 255 for value in colour)
        key = (r, g, b, gloss)
        if key not in self._materials:
            name = f"paint_{len(self._materials)}"
            self.spec.add_material(name=name, rgba=[r, g, b, 1], specular=gloss, shininess=0.5)
            self._materials[key] = name
        return self._materials[key]

    def tint(self, colour: Rgb, spread: float = 0.06) -> Rgb:
        """The same colour as another specimen has it."""
        r, g, b = (np.asarray(colour) * self.look.normal(1, spread, 3)).tolist()
        return r, g, b

    def spot(
        self,
        radius: float,
        x: tuple[float, float] = REACH[0],
        y: tuple[float, float] = REACH[1],
        away_from: tuple[tuple[float, float], float] | None = None,
    ) -> tuple[float, float]:
        """A free place for something of this radius [m], which is taken from then on.

        `away_from`: a point and the least distance from it.  Raises NoRoom when there is none.
        """
        for _ in range(_TRIES):
            at = float(self.layout.uniform(*x)), float(self.layout.uniform(*y))
            near = any(np.hypot(at[0] - a, at[1] - b) < radius + other + _GAP for a, b, other in self.taken)
            too_near = (
                away_from is not None
                and np.hypot(at[0] - away_from[0][0], at[1] - away_from[0][1]) < away_from[1]
            )
            if not near and not too_near:
                self.take(at, radius)
                return at
        raise NoRoom(f"{self.spec.modelname}: no room for something of {radius:.2f} m")

    def take(self, at: tuple[float, float], radius: float) -> None:
        """Keep other things away."""
        self.taken.append((*at, radius))

    def body(
        self, name: str, at: tuple[float, float], z: float, yaw: float = 0.0, loose: bool = True
    ) -> mujoco.MjsBody:
        """A body whose frame is at a height [m]; `loose`: it can be moved."""
        body = self.spec.worldbody.add_body(name=name, pos=[*at, z])
        body.quat = [np.cos(yaw / 2), 0, 0, np.sin(yaw / 2)]
        if loose:
            joint = body.add_freejoint()
            joint.name = f"{name}_free"
        return body

    def solid(self, body: mujoco.MjsBody, kind: mujoco.mjtGeom, **settings: object) -> mujoco.MjsGeom:
        """What is touched of a body."""
        geom = body.add_geom(type=kind, group=_SOLID, **settings)
        geom.friction, geom.condim = _FRICTION, 4
        return geom

    def seen(self, body: mujoco.MjsBody, kind: mujoco.mjtGeom, material: str, **settings: object) -> None:
        """What is only seen of a body."""
        body.add_geom(type=kind, group=0, material=material, contype=0, conaffinity=0, mass=0, **settings)

    def block(
        self, body: mujoco.MjsBody, kind: mujoco.mjtGeom, material: str, **settings: object
    ) -> mujoco.MjsGeom:
        """What is seen and touched of a body."""
        geom = self.solid(body, kind, **settings)
        geom.group, geom.material = 0, material
        return geom

    def add(self, prop: Prop) -> Prop:
        self.props[prop.name] = prop
        return prop


class NoRoom(CairnError):
    """A layout does not fit; another draw may."""
