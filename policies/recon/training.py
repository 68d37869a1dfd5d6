"""The training loop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from cairn.hardware.errors import CairnError
from cairn.policies.recon.dataset import Batch, GroupSampler
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.objective import Objective
from cairn.policies.recon.ranks import Ranks
from cairn.policies.recon.settings import ModelSettings
from cairn.policies.training.checkpoint import read_checkpoint, write_checkpoint
from cairn.policies.training.optimiser import decaying_adam


@dataclass(frozen=True)
class TrainSettings:
    """`bottleneck` is beta, the weight of the KL term; it is held near zero for the first fifth and then
    raised, because a bottleneck that is closed from the start teaches the decoder to ignore z.

    `fine_tune` goes on from trained weights: the bottleneck is closed already, and batch normalisation keeps
    its statistics, which those of a few recordings would spoil.
    """

    steps: int = 5000
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    bottleneck: float = 0.5
    seed: int = 0
    fine_tune: bool = False


class Trainer:
    """Trains one model; `save` and `resume` carry everything that the next step depends on.

    Several processes step together: each has a trainer of the same settings, whose sampler reads its share.

    Attributes:
        step: how many were made.
        seconds: they took, those before a resumption included.
    """

    def __init__(
        self,
        model: LatentGoalModel,
        sampler: GroupSampler,
        settings: TrainSettings,
        ranks: Ranks | None = None,
    ) -> None:
        self.model = model
        self.settings = settings
        self.step = 0
        self.seconds = 0.0
        self._sampler = sampler
        self._ranks = ranks or Ranks()
        self._generator = torch.Generator().manual_seed(settings.seed)
        self._objective = self._ranks.parallel(Objective(model, self._ranks, self._generator))
        self._optimizer = decaying_adam(model, settings.learning_rate, settings.weight_decay)

    def run(
        self,
        until: int,
        report: Callable[[dict[str, float]], None],
        every: int = 50,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train up to step `until`, or until `should_stop` of any process says so between two steps.

        `report` gets `step`, `seconds` and the average of each loss over the steps since the last report,
        at every multiple of `every` and at the end.

        Raises CairnError when a loss is not finite.
        """
        self.model.train()
        if self.settings.fine_tune:
            for module in self.model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        recent: dict[str, list[float]] = {}
        while self.step < until and not self._ranks.any(should_stop()):
            began = time.monotonic()
            for name, value in self._train_step(self._sampler()).items():
                recent.setdefault(name, []).append(value)
            self.seconds += time.monotonic() - began
            if self.step % every == 0:
                self._report(report, recent)
        self._report(report, recent)

    def _report(self, report: Callable[[dict[str, float]], None], recent: dict[str, list[float]]) -> None:
        if recent:
            means = {name: float(np.mean(values)) for name, values in recent.items()}
            report({"step": self.step, "seconds": self.seconds, **means})
            recent.clear()

    def _train_step(self, batch: Batch) -> dict[str, float]:
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.learning_rate * self._schedule()
        batch = _mirrored(batch) if torch.rand((), generator=self._generator) < 0.5 else batch
        losses = self._objective(batch, self._bottleneck())
        values = torch.stack([loss.detach() for loss in losses.values()])
        means = dict(zip(losses, (self._ranks.sum(values) / self._ranks.count).tolist(), strict=True))
        if not np.isfinite(list(means.values())).all():
            raise CairnError(f"training diverged at step {self.step}: {means}")
        self._optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
        self._optimizer.step()
        self.step += 1
        return means

    def _schedule(self) -> float:
        warm = min(1.0, (self.step + 1) / 100)
        return warm * (0.02 + 0.98 * 0.5 * (1 + cos(pi * min(1.0, self.step / self.settings.steps))))

    def _bottleneck(self) -> float:
        if self.settings.fine_tune:
            return self.settings.bottleneck
        progress = self.step / self.settings.steps
        return self.settings.bottleneck * float(np.clip((progress - 0.2) / 0.2, 0.02, 1.0))

    def trained_model(self) -> LatentGoalModel:
        """As it is now: a copy on the CPU, in evaluation mode."""
        model = LatentGoalModel(self.model.settings)
        model.load_state_dict(self.model.state_dict())
        return model.eval()

    def save(self, path: Path) -> None:
        """Write a checkpoint atomically."""
        write_checkpoint(
            path,
            {
                "model": self.model.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "generator": self._generator.get_state(),
                "sampler": self._sampler.state,
                "step": self.step,
                "seconds": self.seconds,
                "settings": json.dumps(asdict(self.model.settings)),
                "training": json.dumps(asdict(self.settings)),
            },
        )

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint as if training had never stopped, on one thread to the last bit.

        One that does not say how its batches were drawn is continued with new ones.

        Another number of `steps` is allowed and stretches what is left of the schedule.

        Raises CairnError when the file is no checkpoint, or one of another model or other settings.
        """
        state = _read(path)
        settings = ModelSettings(**json.loads(state["settings"]))
        if settings != self.model.settings:
            raise CairnError(f"{path} holds a model with {settings}, expected {self.model.settings}")
        if "training" in state:
            training = TrainSettings(**json.loads(state["training"]))
            if replace(training, steps=self.settings.steps) != self.settings:
                raise CairnError(f"{path} was trained with {training}, expected {self.settings}")
        if "sampler" in state:
            self._sampler.state = state["sampler"]
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._generator.set_state(state["generator"])
        self.step = int(state["step"])
        self.seconds = float(state.get("seconds", 0.0))


def load_model(path: Path) -> LatentGoalModel:
    """The model of a checkpoint, in evaluation mode.  Raises CairnError when the file is none."""
    state = _read(path)
    model = LatentGoalModel(ModelSettings(**json.loads(state["settings"])))
    model.load_state_dict(state["model"])
    return model.eval()


def _read(path: Path) -> dict[str, Any]:
    return read_checkpoint(path, {"model", "optimizer", "generator", "step", "settings"})


def _mirrored(batch: Batch) -> Batch:
    """The same drives in a world reflected left to right."""
    labels = batch.labels._replace(bearing=-batch.labels.bearing, yaw=-batch.labels.yaw)
    return replace(
        batch,
        images=np.ascontiguousarray(batch.images[:, :, ::-1]),
        ranges=np.ascontiguousarray(batch.ranges[:, ::-1]),
        labels=labels,
        hindsight_twist=batch.hindsight_twist * np.array([1, -1], np.float32),
        hindsight_waypoints=batch.hindsight_waypoints * np.array([1, -1], np.float32),
    )
