"""Bridge Data as a LeRobot data set, version 3.0."""

from __future__ import annotations

from pathlib import Path

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import RATE, BridgeTrajectory
from cairn.episodes.bridge.bridge_writer import BridgeWriter, unheld_scalars
from cairn.episodes.formats.lerobot_completion import complete_lerobot
from cairn.episodes.formats.lerobot_part import LerobotColumns, LerobotPart
from cairn.hardware.errors import CairnError

IMAGE_KEY = "observation.images.image_"
"""Followed by the number of the camera."""
STATE_NAMES = ("x", "y", "z", "roll", "pitch", "yaw", "gripper")
ACTION_NAMES = ("delta_x", "delta_y", "delta_z", "delta_roll", "delta_pitch", "delta_yaw", "gripper")
COLUMNS = LerobotColumns(STATE_NAMES, ACTION_NAMES, robot="widowx")


class BridgeLerobotWriter(BridgeWriter):
    """Writes a data set of 5 Hz: videos, states and actions as float32, stamps, tasks.

    All demonstrations have the same cameras and sizes.  Images are compressed anew; other arrays and an
    observation without an action have no place.  Without stamps those of the nominal rate are told.

    Args:
        directory: exists, empty.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._part = LerobotPart(directory, 0, COLUMNS)

    def write(self, trajectory: BridgeTrajectory) -> int:
        info = trajectory.info
        observed = list(trajectory.steps())
        steps = [step for step in observed if step.action is not None]
        if not steps or not info.cameras:
            raise CairnError(f"{info.source}, {info.name} has no step with an action and a picture")
        # All is decoded before anything is written: what is damaged must leave nothing.
        images = [
            {f"{IMAGE_KEY}{camera}": picture.pixels() for camera, picture in step.pictures.items()}
            for step in steps
        ]
        for one in images:
            if any(one[key].shape != image.shape for key, image in images[0].items()):
                raise CairnError(f"{info.source}, {info.name}: its pictures are of several sizes")
        said = info.language[0] if info.language else info.task
        self._part.begin(info.name, said, RATE, images[0])
        for number, (step, shown) in enumerate(zip(steps, images, strict=True)):
            assert step.action is not None
            stamp = number / RATE if step.stamp is None else step.stamp
            self._part.add(shown, step.state.tolist(), step.action.tolist(), stamp)
        self._part.end()
        self._count_left_out(trajectory, observed, steps)
        return len(steps)

    def close(self) -> None:
        self._part.close()
        complete_lerobot(self._directory)

    def abandon(self) -> None:
        self._part.close()

    def _count_left_out(
        self, trajectory: BridgeTrajectory, observed: list[BridgeStep], steps: list[BridgeStep]
    ) -> None:
        info = trajectory.info
        self.left_out.update(trajectory.left_out)
        self.left_out.update([*steps[0].extras, *unheld_scalars(steps)])
        for what, is_there in (
            ("observation after the last action", len(observed) > len(steps)),
            ("stamps, for the source has none: steps are 0.2 s apart", steps[0].stamp is None),
            ("further descriptions of the task", len(info.language) > 1),
            ("language embedding", info.embedding is not None),
        ):
            self.left_out[what] += is_there
        self.left_out = +self.left_out
