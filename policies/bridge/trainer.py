"""The training loop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.model import BridgeModel
from cairn.policies.bridge.sampler import Batch, BatchSampler
from cairn.policies.bridge.train_settings import TrainSettings
from cairn.policies.training.checkpoint import read_checkpoint, write_checkpoint
from cairn.policies.training.optimiser import decaying_adam

_EXPECTED = {
    "model",
    "average",
    "optimizer",
    "generator",
    "sampler",
    "step",
    "seconds",
    "settings",
    "training",
}
_CLIP = 1.0


class Trainer:
    """Trains one model; `save` and `resume` carry everything that the next step depends on.

    Attributes:
        step: how many were made.
        seconds: they took, those before a resumption included.
    """

    def __init__(
        self, model: BridgeModel, sampler: BatchSampler, settings: TrainSettings, facts: str = ""
    ) -> None:
        """`facts` tells one training's data from another's; a checkpoint of others is refused."""
        self.settings = settings
        self.step = 0
        self.seconds = 0.0
        self._facts = facts
        self._device = next(model.parameters()).device
        self.model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._average = {name: value.clone() for name, value in model.state_dict().items()}
        self._sampler = sampler
        self._optimizer = decaying_adam(model, settings.learning_rate, settings.weight_decay)

    def run(
        self,
        until: int,
        report: Callable[[dict[str, float]], None],
        every: int = 50,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train up to step `until`, or until `should_stop` says so between two steps.

        `report` gets `step`, `seconds` and the average loss over the steps since the last report, at every
        multiple of `every` and at the end.

        Raises CairnError when a loss is not finite.
        """
        self.model.train()
        recent: list[float] = []
        while self.step < until and not should_stop():
            began = time.monotonic()
            recent.append(self._train_step(self._sampler()))
            self.seconds += time.monotonic() - began
            if self.step % every == 0 or self.step == until:
                report({"step": self.step, "seconds": self.seconds, "action": float(np.mean(recent))})
                recent.clear()
        if recent:
            report({"step": self.step, "seconds": self.seconds, "action": float(np.mean(recent))})

    def _train_step(self, batch: Batch) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.rate_at(self.step)
        predicted = self.model(*(value.to(self._device) for value in batch.inputs.values()))
        counts = batch.counts.to(self._device)
        squares = (predicted - batch.targets.to(self._device)).square() * counts
        loss = squares.sum() / (counts.sum() * squares.shape[-1])
        value = float(loss.item())
        if not np.isfinite(value):
            raise CairnError(f"training diverged at step {self.step}: the loss is {value}")
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP)
        self._optimizer.step()
        self.step += 1
        self._follow()
        return value

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the averaged weights; at first faster, so that they forget where they began."""
        remains = min(self.settings.average, self.step / (self.step + 9)) if self.settings.average else 0.0
        for name, value in self.model.state_dict().items():
            if value.is_floating_point():
                self._average[name].lerp_(value, 1 - remains)
            else:
                self._average[name].copy_(value)

    def trained_model(self) -> BridgeModel:
        """The averaged weights as they are now: a copy on the CPU, in evaluation mode."""
        model = BridgeModel(self.model.settings)
        model.load_state_dict(self._average)
        return model.eval()

    def save(self, path: Path) -> None:
        """Write a checkpoint atomically."""
        write_checkpoint(
            path,
            {
                "model": self.model.state_dict(),
                "average": self._average,
                "optimizer": self._optimizer.state_dict(),
                "generator": torch.get_rng_state(),
                "sampler": self._sampler.state,
                "step": self.step,
                "seconds": self.seconds,
                "settings": json.dumps(asdict(self.model.settings)),
                "training": json.dumps(asdict(self.settings) | {"data": self._facts}),
            },
        )

    def resume(self, path: Path) -> None:
        """Continue from a checkpoint as if training had never stopped, on one thread to the last bit.

        Another number of `steps` is allowed and stretches what is left of the schedule.

        Raises CairnError when the file is no checkpoint, or one of another model, data or settings.
        """
        state = read_checkpoint(path, _EXPECTED)
        ours = {"settings": json.dumps(asdict(self.model.settings))}
        trained = json.loads(state["training"])
        trained["steps"] = self.settings.steps
        ours["training"] = json.dumps(asdict(replace(self.settings)) | {"data": self._facts})
        theirs = {"settings": state["settings"], "training": json.dumps(trained)}
        for name, expected in ours.items():
            if theirs[name] != expected:
                raise CairnError(
                    f"{path} is of another training, in {_differences(theirs[name], expected)}: choose "
                    "another --work, or the same options"
                )
        self.model.load_state_dict(state["model"])
        self._average = {name: value.to(self._device) for name, value in state["average"].items()}
        self._optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["generator"])
        self._sampler.state = state["sampler"]
        self.step = int(state["step"])
        self.seconds = float(state["seconds"])


def _differences(found: str, expected: str) -> str:
    theirs, ours = json.loads(found), json.loads(expected)
    return "; ".join(
        f"{name}: it has {theirs.get(name)!r:.80}, expected {ours.get(name)!r:.80}"
        for name in {**theirs, **ours}
        if theirs.get(name) != ours.get(name)
    )
