"""The lens of trajectories whose source does not say through which one they were taken."""

from __future__ import annotations

from dataclasses import replace

from cairn.episodes.picture import PictureError
from cairn.episodes.trajectory import Trajectory
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError


def assume_camera(trajectory: Trajectory, camera: CameraModel) -> None:
    """Let a trajectory have been taken by `camera`, scaled to the size of its pictures.

    Raises CairnError when they have other proportions, or the source is damaged.
    """
    size = _size_of_pictures(trajectory)
    if size is not None:
        try:
            camera = camera.scaled(*size)
        except CairnError as error:
            name = f"{trajectory.info.name} in {trajectory.info.source}"
            raise CairnError(f"the given intrinsics don't fit {name}: {error}") from error
    trajectory.info = replace(trajectory.info, camera=camera)


def _size_of_pictures(trajectory: Trajectory) -> tuple[int, int] | None:
    """Width and height of the first one that can be read, None where none can."""
    for step in trajectory.steps():
        try:
            return step.picture.size
        except PictureError:
            continue
    return None
