"""Worlds from MJCF files."""

from __future__ import annotations

from math import atan2, hypot
from pathlib import Path

import mujoco
import numpy as np

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.worlds.conditions import Conditions
from cairn.hardware.sim.worlds.world import World

_MARGIN = 2.0  # [m] around what stands in the world
_OPEN_GROUND = 40.0  # [m] half side of the geofence where nothing stands on an endless plane
_FARTHEST = 500.0  # [m] half side: the rasters of a larger world would not fit into memory
_PLANE, _HEIGHT_FIELD = int(mujoco.mjtGeom.mjGEOM_PLANE), int(mujoco.mjtGeom.mjGEOM_HFIELD)


def load_world(path: str | Path) -> World:
    """Any MJCF file as a world: z up, metres, its own light and colours.

    The geofence spans whatever is fixed to the world body, with a margin of 2 m.

    Raises:
        CairnError: no such file, MuJoCo refuses it, there is no ground to drive on, or it spans more than
            a kilometre.
    """
    path = Path(path)
    if not path.is_file():
        raise CairnError(f"a world must be an MJCF file, but there is none at {path}")
    try:
        spec = mujoco.MjSpec.from_file(str(path.resolve()))
        model = spec.compile()
    except (ValueError, mujoco.FatalError) as error:
        raise CairnError(f"MuJoCo refuses the world {path}: {' '.join(str(error).split())}") from error
    # Keyframes list the joints of the file alone and no longer fit once a robot is in it.
    for key in list(spec.keys):
        spec.delete(key)
    return World(path.stem, "file", 0, spec, _bounds(model, path), Conditions())


def site_pose(model: mujoco.MjModel, name: str) -> tuple[float, float, float] | None:
    """x, y [m] and yaw [rad] of a site, its x axis being the heading; None where the world has no such site.

    Raises CairnError when the x axis points straight up or down.
    """
    if mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_SITE, name) < 0:
        return None
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    site = data.site(name)
    ahead = site.xmat.reshape(3, 3)[:, 0]
    if hypot(ahead[0], ahead[1]) < 0.1:
        raise CairnError(f"the x axis of the site {name!r} must be the heading, but it points up or down")
    return float(site.xpos[0]), float(site.xpos[1]), atan2(ahead[1], ahead[0])


def _bounds(model: mujoco.MjModel, path: Path) -> tuple[float, float, float, float]:
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    fixed = model.body_weldid[model.geom_bodyid] == 0
    solid = (model.geom_contype != 0) | (model.geom_conaffinity != 0)
    if not (fixed & solid & np.isin(model.geom_type, (_PLANE, _HEIGHT_FIELD))).any():
        raise CairnError(f"the world {path} must have solid ground, a plane or a height field, got none")
    half = model.geom_aabb[:, 3:].copy()
    is_plane = model.geom_type == _PLANE
    half[is_plane] = model.geom_size[is_plane] * (1.0, 1.0, 0.0)
    # A plane of size 0 is endless and says nothing about where the world ends.
    counted = fixed & (half[:, :2] > 0).all(axis=1)
    rotation = data.geom_xmat.reshape(-1, 3, 3)
    centre = data.geom_xpos + np.einsum("gij,gj->gi", rotation, model.geom_aabb[:, :3])
    reach = np.einsum("gij,gj->gi", np.abs(rotation), half)
    if counted.any():
        low = (centre - reach)[counted, :2].min(axis=0) - _MARGIN
        high = (centre + reach)[counted, :2].max(axis=0) + _MARGIN
    else:
        low, high = np.full(2, -_OPEN_GROUND), np.full(2, _OPEN_GROUND)
    if max(np.abs(low).max(), np.abs(high).max()) > _FARTHEST:
        raise CairnError(
            f"the world {path} must lie within {_FARTHEST:g} m of its origin, got x, y from "
            f"{low.round(1).tolist()} to {high.round(1).tolist()} m"
        )
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
