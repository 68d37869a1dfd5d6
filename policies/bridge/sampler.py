"""Batches of what was seen and what was done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cairn.policies.bridge.action_statistics import ActionStatistics
from cairn.policies.bridge.augmentation import MIRRORED, RandomLight, RandomWindow, as_input
from cairn.policies.bridge.settings import DIMENSIONS, ModelSettings
from cairn.policies.bridge.train_settings import TrainSettings
from cairn.policies.bridge.training_data import LabelledDemonstration


@dataclass(frozen=True)
class Batch:
    """`inputs` are those of the model; `targets` z-scores (B, horizon, 7), of which `counts` (B, horizon, 1)
    says whether the demonstration went on so long."""

    inputs: dict[str, Tensor]
    targets: Tensor
    counts: Tensor


class BatchSampler:
    """Draws steps by the weights of their demonstrations, each time through one of its cameras.

    Image goals are what the same camera saw later, each moment as likely as any other.
    """

    def __init__(
        self,
        demonstrations: Sequence[LabelledDemonstration],
        model: ModelSettings,
        training: TrainSettings,
        statistics: ActionStatistics,
    ) -> None:
        self._demonstrations = demonstrations
        self._model = model
        self._training = training
        self._statistics = statistics
        shares = np.array([one.weight * len(one.steps) for one in demonstrations])
        self._bounds = np.cumsum(shares) / shares.sum()
        self._bounds[-1] = 1.0
        self._rng = np.random.default_rng(training.seed)
        self._generator = torch.Generator().manual_seed(training.seed)

    @property
    def state(self) -> dict[str, str | Tensor]:
        """What the next batch depends on."""
        return {"rng": json.dumps(self._rng.bit_generator.state), "light": self._generator.get_state()}

    @state.setter
    def state(self, state: dict[str, str | Tensor]) -> None:
        self._rng.bit_generator.state = json.loads(str(state["rng"]))
        light = state["light"]
        assert isinstance(light, Tensor)
        self._generator.set_state(light)

    def __call__(self) -> Batch:
        model, size = self._model, self._training.batch
        images = np.empty((size, model.height, model.width, 3), np.uint8)
        goals = np.empty_like(images) if model.goal == "image" else None
        tasks = np.zeros((size, len(model.tasks)), np.float32)
        last = np.zeros((size, DIMENSIONS + 1), np.float32)
        targets = np.zeros((size, model.horizon, DIMENSIONS), np.float32)
        counts = np.zeros((size, model.horizon, 1), np.float32)
        for row, choice in enumerate(np.searchsorted(self._bounds, self._rng.random(size), side="right")):
            one = self._demonstrations[choice]
            step = int(self._rng.choice(one.steps))
            camera = int(self._rng.integers(len(one.record.cameras)))
            frame = one.frame(camera, step)
            window = RandomWindow(
                (frame.shape[1], frame.shape[0]),
                (model.width, model.height),
                self._training.augmentation,
                self._rng,
            )
            window(frame, images[row])
            if goals is not None:
                later = int(self._rng.integers(min(step + 1, one.record.length - 1), one.record.length))
                window(one.frame(camera, later), goals[row])
            else:
                tasks[row, model.tasks.index(one.record.task)] = 1.0
            sign = MIRRORED if window.mirrored else 1.0
            ahead = self._statistics.normalised(one.actions[step : step + model.horizon] * sign)
            known = np.isfinite(ahead).all(axis=1)
            targets[row, : len(ahead)][known] = ahead[known]
            counts[row, : len(ahead), 0] = known
            if model.last_action:
                last[row] = self._last(one, step, sign)
        return Batch(
            self._inputs(images, goals, tasks, last), torch.from_numpy(targets), torch.from_numpy(counts)
        )

    def _last(self, one: LabelledDemonstration, step: int, sign: np.ndarray | float) -> np.ndarray:
        noise = self._rng.normal(0, self._training.last_action_noise, DIMENSIONS)
        withheld = self._rng.random() < self._training.last_action_dropout
        return last_action(None if withheld else one, step, self._statistics, sign, noise)

    def _inputs(
        self, images: np.ndarray, goals: np.ndarray | None, tasks: np.ndarray, last: np.ndarray
    ) -> dict[str, Tensor]:
        light = RandomLight(len(images), self._training.augmentation, self._generator)
        inputs = {"image": light(as_input(torch.from_numpy(images)))}
        if goals is None:
            inputs["task"] = torch.from_numpy(tasks)
        else:
            inputs["goal_image"] = light(as_input(torch.from_numpy(goals)))
        if self._model.last_action:
            inputs["last_action"] = torch.from_numpy(last)
        return inputs


def last_action(
    one: LabelledDemonstration | None,
    step: int,
    statistics: ActionStatistics,
    sign: np.ndarray | float = 1.0,
    noise: np.ndarray | float = 0.0,
) -> np.ndarray:
    """The model's input of that name, shape (8,): z-scores and 1, or zeros where there is none."""
    entry = np.zeros(DIMENSIONS + 1, np.float32)
    if one is not None and step > 0 and np.isfinite(one.actions[step - 1]).all():
        entry[:DIMENSIONS] = statistics.normalised(one.actions[step - 1] * sign) + noise
        entry[DIMENSIONS] = 1.0
    return entry
