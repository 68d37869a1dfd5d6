"""Collects textured polygons of one material and hands them to MuJoCo as one mesh."""

from __future__ import annotations

from math import hypot

import mujoco
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.worlds.geometry import Array


class MeshBuffer:
    """Polygons of one texture; flat shaded unless normals are given."""

    def __init__(self) -> None:
        self._vertices: list[Array] = []
        self._normals: list[Array] = []
        self._uvs: list[Array] = []
        self._faces: list[NDArray[np.int32]] = []
        self._count = 0

    def polygon(self, corners: Array, uv: Array, normals: Array | None = None) -> None:
        """Add a convex polygon, counter-clockwise as seen: corners (n, 3) in metres, uv (n, 2)."""
        n = len(corners)
        if normals is None:
            (ax, ay, az), (bx, by, bz) = (corners[1:3] - corners[0]).tolist()
            normal = np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])
            normals = np.empty((n, 3))
            normals[:] = normal / max(hypot(*normal.tolist()), 1e-9)
        fan = np.array([(0, i, i + 1) for i in range(1, n - 1)], np.int32)
        self.triangles(corners, uv, normals, fan)

    def triangles(self, vertices: Array, uv: Array, normals: Array, faces: NDArray[np.int32]) -> None:
        """Add an indexed surface: vertices and normals (n, 3), uv (n, 2), faces (m, 3)."""
        self._vertices.append(vertices)
        self._normals.append(normals)
        self._uvs.append(uv)
        self._faces.append(faces + self._count)
        self._count += len(vertices)

    def add_to(
        self, spec: mujoco.MjSpec, name: str, material: str, body: mujoco.MjsBody | None = None
    ) -> None:
        """Attach everything to `body`, else the world, as a geom that is only seen; nothing if empty."""
        if not self._count:
            return
        faces = np.concatenate(self._faces).ravel().tolist()
        spec.add_mesh(
            name=name,
            uservert=np.concatenate(self._vertices).ravel().tolist(),
            usernormal=np.concatenate(self._normals).ravel().tolist(),
            usertexcoord=np.concatenate(self._uvs).ravel().tolist(),
            userface=faces,
            userfacenormal=faces,
            userfacetexcoord=faces,
            # The surfaces enclose no volume, so the usual inertia by volume would be refused.
            inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
        )
        (body or spec.worldbody).add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=name,
            material=material,
            contype=0,
            conaffinity=0,
            group=0,
            mass=0,
        )
