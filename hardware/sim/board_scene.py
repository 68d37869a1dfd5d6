"""A room with a printed board that can be held anywhere."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.lens_renderer import add_lens_camera
from cairn.hardware.sim.worlds.mesh_buffer import MeshBuffer
from cairn.hardware.sim.worlds.shapes import add_texture, add_textured_material

_BOARD = "board"
_THICKNESS = 0.004


class BoardScene:
    """Floor, walls, some clutter and a board.

    Args:
        picture: of the board, RGB or grey, with its margin.
        size: width and height of the pattern [m], without margin.
        margin: white border in the picture [m].
        seed: of clutter and light.
    """

    def __init__(
        self, picture: NDArray[np.uint8], size: tuple[float, float], margin: float, seed: int = 0
    ) -> None:
        random = np.random.default_rng(seed)
        spec = mujoco.MjSpec()
        add_lens_camera(spec)
        add_board(spec, spec.worldbody, picture, size, margin, mocap=True)
        _furnish(spec, random)
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        mujoco.mj_forward(self.model, self.data)

    def place(self, pose: NDArray[np.float64]) -> None:
        """Hold the board at `pose` (4, 4) in the world: origin in its upper left corner, x right, y down."""
        self.data.mocap_pos[0] = pose[:3, 3]
        mujoco.mju_mat2Quat(self.data.mocap_quat[0], np.ascontiguousarray(pose[:3, :3]).ravel())
        mujoco.mj_forward(self.model, self.data)


def add_board(
    spec: mujoco.MjSpec,
    parent: mujoco.MjsBody,
    picture: NDArray[np.uint8],
    size: tuple[float, float],
    margin: float,
    *,
    pose: NDArray[np.float64] | None = None,
    mocap: bool = False,
) -> None:
    """Attach a board to a body at `pose` (4, 4), in the frame that `BoardScene.place` speaks of."""
    shown = picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
    add_textured_material(spec, _BOARD, shown)
    left, right, top, bottom = -margin, size[0] + margin, -margin, size[1] + margin
    # Counter-clockwise as seen from where z comes from.
    corners = np.array([(left, top, 0.0), (left, bottom, 0.0), (right, bottom, 0.0), (right, top, 0.0)])
    uv = np.array([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)])
    face = MeshBuffer()
    face.polygon(corners, uv)
    body = parent.add_body(name=_BOARD, mocap=mocap)
    if pose is not None:
        body.pos = pose[:3, 3]
        mujoco.mju_mat2Quat(body.quat, np.ascontiguousarray(pose[:3, :3]).ravel())
    face.add_to(spec, _BOARD, _BOARD, body)
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[(left + right) / 2, (top + bottom) / 2, _THICKNESS / 2 + 0.0005],
        size=[(right - left) / 2, (bottom - top) / 2, _THICKNESS / 2],
        rgba=[0.7, 0.7, 0.7, 1.0],
        contype=0,
        conaffinity=0,
        mass=0,
    )


def _furnish(spec: mujoco.MjSpec, random: np.random.Generator) -> None:
    world = spec.worldbody
    tiles = random.integers(60, 190, (32, 32, 3)).astype(np.uint8)
    picture = np.kron(tiles, np.ones((16, 16, 1), np.uint8))
    add_textured_material(spec, "tiles", picture)
    add_texture(spec, "sky", mujoco.mjtTexture.mjTEXTURE_SKYBOX, np.full((6 * 8, 8, 3), 150, np.uint8))
    world.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[6, 6, 0.1], pos=[0, 0, -1.2], material="tiles")
    for _ in range(14):
        angle, away = random.uniform(0, 2 * np.pi), random.uniform(2.5, 4.5)
        world.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=[away * np.cos(angle), away * np.sin(angle), random.uniform(-1, 1.2)],
            size=random.uniform(0.1, 0.5, 3).tolist(),
            rgba=[*random.uniform(0.2, 0.8, 3), 1.0],
        )
    spec.visual.headlight.ambient = [random.uniform(0.35, 0.55)] * 3
    spec.visual.headlight.diffuse = [random.uniform(0.2, 0.35)] * 3
    spec.visual.headlight.specular = [0.0, 0.0, 0.0]
    world.add_light(
        pos=random.uniform(-2, 2, 3).tolist(),
        dir=[*random.uniform(-0.7, 0.7, 2), -1.0],
        diffuse=[random.uniform(0.15, 0.3)] * 3,
        specular=[0.0, 0.0, 0.0],
        castshadow=False,
    )
