"""What is seen: low-poly textured primitives, collected into one mesh for each page of the atlas."""

from __future__ import annotations

import mujoco
import numpy as np

from cairn.hardware.sim.worlds.atlas import Atlas, Image, Region
from cairn.hardware.sim.worlds.geometry import Array, Point, footprint
from cairn.hardware.sim.worlds.mesh_buffer import MeshBuffer
from cairn.hardware.sim.worlds.textures.surfaces import Colour, Picture, to_image

SEEN_FROM_BELOW = 0.5
"""Metres above which the underside of a thing may come into a camera's view."""
UNIT = np.array([(0, 1), (1, 1), (1, 0), (0, 0)], float)


class Shapes:
    """Boxes, prisms, gables and blobs with pictures on them; positions in metres, angles in radians."""

    def __init__(self) -> None:
        self.atlas = Atlas()
        self._lit: dict[int, MeshBuffer] = {}
        self._glowing = MeshBuffer()
        self._swatches: dict[tuple[int, int, int], Region] = {}

    def picture(self, picture: Picture) -> Region:
        """Store a picture, values 0..255."""
        return self.atlas.add(to_image(picture))

    def swatch(self, colour: Colour | tuple[float, float, float]) -> Region:
        """A plain colour, 0..255."""
        r, g, b = (int(np.clip(c, 0, 255)) // 8 * 8 for c in colour)
        if (r, g, b) not in self._swatches:
            self._swatches[r, g, b] = self.atlas.add(np.full((4, 4, 3), (r, g, b), np.uint8))
        return self._swatches[r, g, b]

    def polygon(self, corners: Array, region: Region, uv: Array | None = None) -> None:
        """Any convex polygon, counter-clockwise as seen, shape (n, 3); uv in 0..1 of the picture."""
        unit = UNIT if uv is None else uv
        span = np.array([region.u1 - region.u0, region.v1 - region.v0])
        mapped = unit * span + (region.u0, region.v0)
        self._lit.setdefault(region.page, MeshBuffer()).polygon(np.asarray(corners, float), mapped)

    def wall(self, left: Point, right: Point, z0: float, z1: float, region: Region) -> None:
        """An upright rectangle, its ends named as its viewer sees them."""
        a, b = np.array(left, float), np.array(right, float)
        # Fog is computed at vertices only, so that long walls need some on the way.
        pieces = max(1, int(np.hypot(*(b - a)) / 7))
        for i in range(pieces):
            s, t = i / pieces, (i + 1) / pieces
            p, q = a + (b - a) * s, a + (b - a) * t
            corners = np.array([(*p, z0), (*q, z0), (*q, z1), (*p, z1)])
            self.polygon(corners, region, np.array([(s, 1), (t, 1), (t, 0), (s, 0)]))

    def box(
        self,
        center: Point,
        size: Point,
        z: tuple[float, float],
        sides: Region | list[Region],
        top: Region | None,
        yaw: float = 0.0,
    ) -> None:
        """Sides in the order -y, +x, +y, -x of the box's own axes; a bottom only where it can be seen."""
        corners = footprint(*center, *size, yaw)
        for i in range(4):
            region = sides if isinstance(sides, Region) else sides[i]
            a, b = corners[i], corners[(i + 1) % 4]
            self.wall((a[0], a[1]), (b[0], b[1]), z[0], z[1], region)
        if top is not None:
            self.polygon(np.column_stack([corners, np.full(4, z[1])]), top)
        if z[0] > SEEN_FROM_BELOW:
            under = top or (sides if isinstance(sides, Region) else sides[0])
            self.polygon(np.column_stack([corners[::-1], np.full(4, z[0])]), under)

    def gable(
        self, center: Point, size: Point, z: tuple[float, float], roof: Region, ends: Region, yaw: float = 0.0
    ) -> None:
        """A pitched roof whose ridge runs along the longer side, with eaves of 0.3 m."""
        (lx, ly), turn = size, yaw
        if ly > lx:
            lx, ly, turn = ly, lx, yaw + np.pi / 2
        eaves = footprint(*center, lx + 0.4, ly + 0.6, turn)
        ridge = footprint(*center, lx + 0.4, 0.0, turn)[:2]
        a, b, c, d = (np.array([*p, z[0]]) for p in eaves)
        r0, r1 = (np.array([*p, z[1]]) for p in ridge)
        self.polygon(np.array([a, b, r1, r0]), roof)
        self.polygon(np.array([c, d, r0, r1]), roof)
        triangle = np.array([(0, 1), (1, 1), (0.5, 0)], float)
        self.polygon(np.array([b, c, r1]), ends, triangle)
        self.polygon(np.array([d, a, r0]), ends, triangle)

    def prism(
        self,
        center: Point,
        radius: tuple[float, float],
        z: tuple[float, float],
        region: Region,
        sides: int = 8,
        top: Region | None = None,
    ) -> None:
        """A cylinder, cone or anything between: radii at the lower and upper end."""
        angle = np.arange(sides + 1) * 2 * np.pi / sides
        ring = np.stack([np.cos(angle), np.sin(angle)], 1)
        for i in range(sides):
            p, q = ring[i], ring[i + 1]
            u = np.array([(i / sides, 1), ((i + 1) / sides, 1), ((i + 1) / sides, 0), (i / sides, 0)])
            quad = [(*(center + p * radius[0]), z[0]), (*(center + q * radius[0]), z[0])]
            quad += [(*(center + q * radius[1]), z[1]), (*(center + p * radius[1]), z[1])]
            self.polygon(np.array(quad), region, u)
        if radius[1] > 0.02:
            lid = np.column_stack([center + ring[:-1] * radius[1], np.full(sides, z[1])])
            self.polygon(lid, top or region, ring[:-1] * (0.5, -0.5) + 0.5)
        if z[0] > SEEN_FROM_BELOW and radius[0] > 0.3:
            floor = np.column_stack([center + ring[:-1] * radius[0], np.full(sides, z[0])])[::-1]
            self.polygon(floor, region, ring[:-1] * 0.5 + 0.5)

    def blob(
        self,
        center: tuple[float, float, float],
        radii: tuple[float, float, float],
        region: Region,
        rng: np.random.Generator,
        roughness: float = 0.15,
        segments: tuple[int, int] = (8, 5),
    ) -> None:
        """A lumpy ellipsoid with smooth shading: crowns, bushes, heads, boulders."""
        n, m = segments
        lon = np.arange(n + 1) * 2 * np.pi / n
        lat = np.linspace(-np.pi / 2, np.pi / 2, m + 1)
        lump = 1 + roughness * rng.uniform(-1, 1, (m + 1, n + 1))
        lump[:, -1], lump[0], lump[-1] = lump[:, 0], lump[0, 0], lump[-1, 0]
        cos_lat, sin_lat = np.cos(lat)[:, None], np.sin(lat)[:, None]
        unit = np.stack([cos_lat * np.cos(lon), cos_lat * np.sin(lon), sin_lat + 0 * lon], -1)
        vertices = (unit * lump[..., None] * radii + center).reshape(-1, 3)
        normals = (unit / np.array(radii)).reshape(-1, 3)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        u = np.tile(np.linspace(region.u0, region.u1, n + 1), m + 1)
        v = np.repeat(np.linspace(region.v1, region.v0, m + 1), n + 1)
        a = (np.arange(m)[:, None] * (n + 1) + np.arange(n)).ravel()
        faces = np.concatenate([np.stack([a, a + 1, a + n + 2], 1), np.stack([a, a + n + 2, a + n + 1], 1)])
        buffer = self._lit.setdefault(region.page, MeshBuffer())
        buffer.triangles(vertices, np.stack([u, v], 1), normals, faces.astype(np.int32))

    def glow(self, corners: Array) -> None:
        """A polygon that shines by itself, as a lamp or a lit window; shape (n, 3)."""
        self._glowing.polygon(np.asarray(corners, float), np.full((len(corners), 2), 0.5))

    def add_to(self, spec: mujoco.MjSpec) -> None:
        """Hand textures, materials and meshes to the world."""
        for number, page in enumerate(self.atlas.pages):
            add_textured_material(spec, f"atlas_{number}", page)
        for number, buffer in sorted(self._lit.items()):
            buffer.add_to(spec, f"scenery_{number}", f"atlas_{number}")
        spec.add_material(name="glow", rgba=[1.0, 0.86, 0.55, 1], emission=1, specular=0)
        self._glowing.add_to(spec, "glow", "glow")


def add_textured_material(spec: mujoco.MjSpec, name: str, image: Image) -> None:
    """A matt material of the given name with a 2D texture of shape (h, w, 3)."""
    add_texture(spec, name, mujoco.mjtTexture.mjTEXTURE_2D, image)
    material = spec.add_material(name=name, specular=0, shininess=0, reflectance=0)
    textures = material.textures
    textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
    material.textures = textures


def add_texture(spec: mujoco.MjSpec, name: str, kind: mujoco.mjtTexture, image: Image) -> None:
    h, w = image.shape[:2]
    texture = spec.add_texture(name=name, type=kind, width=w, height=h, nchannel=3)
    # Assigned afterwards: the constructor takes numbers one by one, a hundred times slower than bytes.
    texture.data = np.ascontiguousarray(image).tobytes()
