"""The `out.npy` files of Bridge Data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cairn.episodes.bridge.bridge_split import SPLITS, split_of
from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeTrajectory
from cairn.episodes.bridge.bridge_writer import BridgeWriter, unheld_scalars, with_last_observation
from cairn.episodes.bridge.numpy_reader import (
    ACTIONS,
    FILE,
    LANGUAGE,
    LARGEST_FILE,
    NEXT,
    OBSERVATIONS,
    TERMINALS,
)
from cairn.hardware.errors import CairnError


class NumpyWriter(BridgeWriter):
    """Writes `train/out.npy` and `val/out.npy`, as far as there is something for them.

    The format wants a file as a whole, so all decoded images are in memory until `close`.  Rewards,
    discounts, embeddings and other arrays have no place.

    Args:
        directory: exists, empty.
        val_share: of demonstrations whose source knows no split.
    """

    def __init__(self, directory: Path, val_share: float = 0.1) -> None:
        super().__init__()
        self._directory = directory
        self._val_share = val_share
        self._content: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
        self._size = 0

    def write(self, trajectory: BridgeTrajectory) -> int:
        info = trajectory.info
        steps = with_last_observation(list(trajectory.steps()), trajectory, self.left_out)
        observations = [_observation(step) for step in steps]
        self._size += sum(
            value.nbytes
            for observation in observations
            for value in observation.values()
            if isinstance(value, np.ndarray)
        )
        if self._size > LARGEST_FILE:
            raise CairnError(
                f"{self._directory}: more than {LARGEST_FILE >> 30} GiB of images; "
                "convert fewer demonstrations at once"
            )
        self._content[split_of(info, self._val_share)].append(
            {
                OBSERVATIONS: observations[:-1],
                NEXT: observations[1:],
                ACTIONS: [np.array(step.action) for step in steps[:-1]],
                TERMINALS: [int(step.is_terminal) for step in steps[:-1]],
                LANGUAGE: list(info.language),
            }
        )
        self.left_out.update(trajectory.left_out)
        self.left_out.update([*steps[0].extras, *(unheld_scalars(steps) - {"is_terminal"})])
        if info.embedding is not None:
            self.left_out["language embedding"] += 1
        return len(steps) - 1

    def close(self) -> None:
        for split, demonstrations in self._content.items():
            if demonstrations:
                row = np.empty(len(demonstrations), object)
                row[:] = demonstrations
                (self._directory / split).mkdir()
                np.save(self._directory / split / FILE, row)

    def abandon(self) -> None:
        self._content.clear()


def _observation(step: BridgeStep) -> dict[str, Any]:
    content: dict[str, Any] = {
        f"images{camera}": np.array(picture.pixels()) for camera, picture in step.pictures.items()
    }
    content["state"] = np.array(step.state)
    if step.stamp is not None:
        content["time_stamp"] = step.stamp
    return content
