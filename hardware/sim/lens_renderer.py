"""What a camera with a real lens sees of a MuJoCo scene."""

from __future__ import annotations

from math import degrees, radians, tan

import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.lens_projection import rays

CAMERA = "lens"
_OVERSAMPLING = 2
_FINENESS = 1.4  # pixels of a face for one of the picture
_FACE = radians(50.0)  # half the view of a face; 45° would leave seams
_TURNS = {
    "front": (0.0, 0.0),
    "left": (-90.0, 0.0),
    "right": (90.0, 0.0),
    "up": (0.0, 90.0),
    "down": (0.0, -90.0),
}
_OPTICAL_TO_GL = np.diag([1.0, -1.0, -1.0])


def add_lens_camera(spec: mujoco.MjSpec) -> None:
    """Give a scene the camera that a `LensRenderer` carries about."""
    spec.worldbody.add_camera(name=CAMERA)
    spec.visual.global_.offwidth = spec.visual.global_.offheight = 2400
    spec.visual.map.znear = 0.002
    # Each pixel is sampled four times as it is.
    spec.visual.quality.offsamples = 0


class LensRenderer:
    """Renders pinhole pictures in up to five directions and samples them along the lens's rays.

    Each pixel is the mean of four samples.  Rays that the lens can't have are black.

    Args:
        model: compiled from a spec that went through `add_lens_camera`.
        lens: pixel centres are whole numbers, as in `lens_projection`.
    """

    def __init__(self, model: mujoco.MjModel, lens: CameraModel) -> None:
        self._model = model
        self._camera = model.camera(CAMERA).id
        self.lens = lens
        step = 1 / _OVERSAMPLING
        along = (np.arange(lens.width * _OVERSAMPLING) + 0.5) * step - 0.5
        down = (np.arange(lens.height * _OVERSAMPLING) + 0.5) * step - 0.5
        grid = np.stack(np.meshgrid(along, down), axis=-1)
        directions = rays(lens, grid).reshape(*grid.shape[:2], 3)
        front = np.nan_to_num(directions[..., 2], nan=1.0)
        widest = float(np.arccos(np.clip(front.min(), -1, 1)))
        self._half = min(_FACE, widest + 0.02)
        side = min(2400, int(2 * tan(self._half) * max(lens.fx, lens.fy) * _FINENESS))
        self._focal = side / 2 / tan(self._half)
        self._faces = {} if widest < self._half else dict(_TURNS)
        self._maps = {}
        left = ~np.isnan(front) & ~np.isnan(directions[..., 0])
        for name in self._faces or {"front": (0.0, 0.0)}:
            turn = _turn(*_TURNS[name])
            local = directions @ turn
            with np.errstate(divide="ignore", invalid="ignore"):
                x, y = local[..., 0] / local[..., 2], local[..., 1] / local[..., 2]
            reach = tan(self._half) * (1 - 1.5 / side)
            here = left & (local[..., 2] > 0) & (np.abs(x) < reach) & (np.abs(y) < reach)
            if here.any():
                pixels = np.stack([x, y], axis=-1) * self._focal + side / 2 - 0.5
                pixels[~here] = -10
                rows, columns = np.flatnonzero(here.any(axis=1)), np.flatnonzero(here.any(axis=0))
                window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
                across, down_ = (pixels[window][..., axis].astype(np.float32) for axis in (0, 1))
                self._maps[name] = (turn, (across, down_), here[window], window)
            left = left & ~here
        self._renderer = mujoco.Renderer(model, side, side)
        self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = False
        self._renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
        self._side = side

    def __call__(self, data: mujoco.MjData, pose: NDArray[np.float64]) -> NDArray[np.uint8]:
        """RGB, shape (height, width, 3), from the camera's optical frame in the world, `pose` (4, 4)."""
        height, width = self.lens.height * _OVERSAMPLING, self.lens.width * _OVERSAMPLING
        big = np.zeros((height, width, 3), np.uint8)
        self._model.cam_fovy[self._camera] = degrees(2 * self._half)
        self._model.cam_pos[self._camera] = pose[:3, 3]
        for turn, pixels, here, window in self._maps.values():
            rotation = pose[:3, :3] @ turn @ _OPTICAL_TO_GL
            mujoco.mju_mat2Quat(self._model.cam_quat[self._camera], rotation.ravel())
            mujoco.mj_kinematics(self._model, data)
            mujoco.mj_camlight(self._model, data)
            self._renderer.update_scene(data, camera=CAMERA)
            face = self._renderer.render()
            sampled = cv2.remap(face, *pixels, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            np.copyto(big[window], sampled, where=here[..., None])
        size = (self.lens.width, self.lens.height)
        return np.asarray(cv2.resize(big, size, interpolation=cv2.INTER_AREA), np.uint8)

    def close(self) -> None:
        """Free the OpenGL context."""
        self._renderer.close()


def _turn(right: float, up: float) -> NDArray[np.float64]:
    """A rotation of optical axes by angles in degrees."""
    a, b = radians(right), radians(up)
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return np.asarray(about_y @ about_x, np.float64)
