"""Trajectories in the folders that GNM, ViNT and NoMaD train on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.formats.array_pickle import load
from cairn.episodes.picture import Picture, PictureError
from cairn.episodes.step import PlanarPose, Step
from cairn.episodes.step_tally import DropReason, StepTally
from cairn.episodes.trajectory import Trajectory, TrajectoryInfo, check_name
from cairn.hardware.errors import CairnError

DATA_FILE = "traj_data.pkl"
SPLIT_FILE = "traj_names.txt"


class GnmTrajectory(Trajectory):
    """A folder `0.jpg`, `1.jpg`, … with `traj_data.pkl`: position (T, 2) [m] and yaw (T,) [rad].

    The format has no stamps: the k-th step is taken to be `k / rate` seconds from the first.

    Raises CairnError when the folder lacks its data or the data has other shapes.
    """

    def __init__(self, folder: Path, rate: float) -> None:
        self._folder = folder
        self._position, self._yaw = _poses(folder / DATA_FILE)
        super().__init__(
            TrajectoryInfo(
                name=folder.resolve().name, rate=rate, source=folder, expected_steps=len(self._yaw)
            )
        )

    def steps(self) -> Iterator[Step]:
        """See `Trajectory`; steps with a pose that is not finite or without an image are left out."""
        self.tally = StepTally()
        for number, (position, yaw) in enumerate(zip(self._position, self._yaw, strict=True)):
            if not (np.isfinite(position).all() and np.isfinite(yaw)):
                self.tally.dropped[DropReason.INVALID_ODOMETRY] += 1
                continue
            try:
                picture = Picture.in_file(self._folder / f"{number}.jpg")
            except PictureError:
                self.tally.dropped[DropReason.CORRUPT_IMAGE] += 1
                continue
            pose = PlanarPose(float(position[0]), float(position[1]), float(yaw))
            yield Step(number / self.info.rate, picture, pose)


def folders_of_split(path: Path) -> list[Path]:
    """The folders named in `<data>/<split>/traj_names.txt`, which lie in `<data>`, in its order.

    Raises CairnError for names that are paths, and for those of which there is no trajectory.
    """
    try:
        names = [line.strip() for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise CairnError(f"{path} can't be read: {error}") from error
    folders = [path.parent.parent / check_name(name) for name in names]
    for folder in folders:
        if not (folder / DATA_FILE).is_file():
            raise CairnError(f"{path} names {folder.name}, but there is no {folder / DATA_FILE}")
    return folders


def _poses(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    content = load(path)
    if not isinstance(content, dict) or not {"position", "yaw"} <= content.keys():
        keys = sorted(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise CairnError(f"{path}: expected position and yaw, got {keys}")
    position, yaw = _numbers(content["position"], path), _numbers(content["yaw"], path)
    if yaw.ndim == 2 and yaw.shape[1] == 1:
        yaw = yaw[:, 0]
    if position.ndim != 2 or position.shape[1] < 2 or yaw.shape != position.shape[:1]:
        raise CairnError(
            f"{path}: expected position (T, 2) and yaw (T,), got {position.shape} and {yaw.shape}"
        )
    return position[:, :2], yaw


def _numbers(value: Any, path: Path) -> NDArray[np.float64]:
    try:
        return np.asarray(value, np.float64)
    except (TypeError, ValueError) as error:
        raise CairnError(f"{path}: expected arrays of numbers: {error}") from error
