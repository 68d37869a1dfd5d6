"""Demonstrations in which all that is to be done can be seen: the hand follows a bright square."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from bridge_samples import SampleTrajectory
from numpy.typing import NDArray

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo
from cairn.episodes.bridge.numpy_writer import NumpyWriter
from cairn.episodes.bridge.rlds_writer import RldsWriter
from cairn.episodes.picture import Picture
from cairn.policies.bridge.settings import ModelSettings, preset
from cairn.policies.bridge.train_settings import Augmentation, TrainSettings, train_preset

TASKS = ("push it left", "push it right")
TINY = preset(
    "small", resized_width=48, resized_height=40, width=40, height=32, channels=24, hidden=64, dropout=0.0
)


def brief(steps: int = 4, **changes: object) -> TrainSettings:
    """A training of few small batches, in which pictures hardly change."""
    light = Augmentation(brightness=0.02, contrast=0.02, saturation=0.02, hue=0.0)
    options = {"steps": steps, "batch": 8, "augmentation": light, **changes}
    return replace(train_preset("small"), **options)


def with_tasks(model: ModelSettings = TINY) -> ModelSettings:
    return replace(model, tasks=TASKS)


def picture(column: float, row: float) -> NDArray[np.uint8]:
    """96x80, a square of 16 pixels whose middle lies at shares of width and height."""
    image = np.full((80, 96, 3), 60, np.uint8)
    left, top = round(column * 96) - 8, round(row * 80) - 8
    image[max(0, top) : top + 16, max(0, left) : left + 16] = (240, 200, 40)
    return image


def demonstration(
    seed: int, steps: int = 6, cameras: tuple[int, ...] = (0,), split: str = ""
) -> SampleTrajectory:
    """Of one of `TASKS`: it says in which direction along x to go, the square's place how far."""
    rng = np.random.default_rng(seed)
    task = seed % 2
    state = np.array([0.3, 0, 0.15, 0, 0, 0, 1.0])
    made = []
    for t in range(steps + 1):
        column, row = rng.uniform(0.3, 0.7, 2)
        action = np.zeros(7)
        action[0] = 0.04 * (column - 0.5) * (-1 if task == 0 else 1)
        action[1] = 0.04 * (row - 0.5)
        action[6] = float(t < steps // 2)
        image = Picture.of(picture(column, row))
        made.append(
            BridgeStep(
                {camera: image for camera in cameras},
                state,
                action if t < steps else None,
                stamp=1.75e9 + 0.2 * t,
            )
        )
        state = state + action
        state[6] = action[6]
    info = BridgeInfo(f"square-{seed}", Path("here"), cameras, (TASKS[task],), "", split)
    return SampleTrajectory(info, made)


def write_rlds(path: Path, count: int = 6, first: int = 0, **options: object) -> Path:
    """A data set of `count` demonstrations."""
    path.mkdir(parents=True)
    writer = RldsWriter(path, 95, 0.0)
    for seed in range(first, first + count):
        writer.write(demonstration(seed, **options))
    writer.close()
    return path


def write_numpy(path: Path, count: int = 6, first: int = 0) -> Path:
    """The same as `out.npy`."""
    path.mkdir(parents=True)
    writer = NumpyWriter(path, 0.0)
    for seed in range(first, first + count):
        writer.write(demonstration(seed))
    writer.close()
    return path
