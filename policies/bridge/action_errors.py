"""How far predicted actions are from those of demonstrations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from cairn.policies.bridge.action_statistics import ActionStatistics
from cairn.policies.bridge.augmentation import as_input, centre_window
from cairn.policies.bridge.model import BridgeModel
from cairn.policies.bridge.sampler import last_action
from cairn.policies.bridge.training_data import LabelledDemonstration

METHODS = ("model", "mean", "copy_last")
"""The policy, always the mean of the training data, and whatever was done in the step before."""

PERSISTENCE = "persistence"

_BATCH = 64

Floats = NDArray[np.float64]


@torch.no_grad()
def predictions(model: BridgeModel, one: LabelledDemonstration, statistics: ActionStatistics) -> Floats:
    """The next action at each of the demonstration's steps, as each camera sees it.

    Returns:
        shape (cameras, steps, 7), physical.  Image goals are what the camera saw last.
    """
    settings = model.settings
    device = next(model.parameters()).device
    views = []
    for camera in range(len(one.record.cameras)):
        for start in range(0, len(one.steps), _BATCH):
            steps = one.steps[start : start + _BATCH]
            inputs = [_window(model, [one.frame(camera, int(step)) for step in steps])]
            if settings.goal == "image":
                inputs.append(_window(model, [one.frame(camera, one.record.length - 1)] * len(steps)))
            else:
                task = torch.zeros(len(steps), len(settings.tasks))
                task[:, settings.tasks.index(one.record.task)] = 1.0
                inputs.append(task)
            if settings.last_action:
                entries = [last_action(one, int(step), statistics) for step in steps]
                inputs.append(torch.from_numpy(np.stack(entries)))
            scores = model(*(value.to(device) for value in inputs))[:, 0].cpu().numpy()
            views.append(statistics.physical(scores))
    return np.concatenate(views).reshape(len(one.record.cameras), len(one.steps), -1)


def _window(model: BridgeModel, frames: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
    cut = [centre_window(frame, model.settings.width, model.settings.height) for frame in frames]
    return as_input(torch.from_numpy(np.stack(cut)))


def squared_errors(
    model: BridgeModel,
    one: LabelledDemonstration,
    statistics: ActionStatistics,
    unit: Floats,
    persistence: Floats | None = None,
) -> dict[str, Floats] | None:
    """By method, the squared error of each number in units of `unit`, shape (7,), a mean over cameras.

    With `persistence`, shape (7,), also that of the action before, drawn towards the mean by these factors.

    Counted are the steps that have one before them; None where there is none.
    """
    at = {int(step): index for index, step in enumerate(one.steps)}
    pairs = [(index, at[step - 1]) for step, index in at.items() if step - 1 in at]
    if not pairs:
        return None
    now, before = (list(indices) for indices in zip(*pairs, strict=True))
    actions = one.actions[one.steps]
    truth = actions[now]
    guesses = {
        "model": predictions(model, one, statistics)[:, now],
        "mean": np.broadcast_to(statistics.mean, truth.shape)[None],
        "copy_last": actions[before][None],
    }
    if persistence is not None:
        guesses[PERSISTENCE] = (statistics.mean + persistence * (actions[before] - statistics.mean))[None]
    return {method: (((guess - truth) / unit) ** 2).mean(axis=(0, 1)) for method, guess in guesses.items()}


def held_out_metrics(
    model: BridgeModel, demonstrations: Sequence[LabelledDemonstration], statistics: ActionStatistics
) -> dict[str, float]:
    """Root mean squares over demonstrations, for the card.

    `<method>_error` in standard deviations of the training data, `<method>_translation` [m],
    `<method>_rotation` [rad] and `<method>_gripper`; empty where no demonstration has two steps.
    """
    found = [squared_errors(model, one, statistics, statistics.std) for one in demonstrations]
    errors = [error for error in found if error is not None]
    metrics: dict[str, float] = {}
    for method in METHODS if errors else ():
        squares = np.mean([error[method] for error in errors], axis=0)
        physical = squares * statistics.std**2
        metrics[f"{method}_error"] = float(np.sqrt(squares.mean()))
        metrics[f"{method}_translation"] = float(np.sqrt(physical[:3].sum()))
        metrics[f"{method}_rotation"] = float(np.sqrt(physical[3:6].sum()))
        metrics[f"{method}_gripper"] = float(np.sqrt(physical[6]))
    return metrics
