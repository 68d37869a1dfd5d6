"""Action errors on demonstrations that a policy has not seen, by cross-validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.bootstrap import interval_of_mean, interval_of_paired_ratio, ratio_of_means
from cairn.hardware.errors import CairnError
from cairn.policies.bridge.action_errors import METHODS, PERSISTENCE, squared_errors
from cairn.policies.bridge.frame_store import FrameSettings, open_frames
from cairn.policies.bridge.model import BridgeModel
from cairn.policies.bridge.relabelling import Relabelling
from cairn.policies.bridge.sampler import BatchSampler
from cairn.policies.bridge.settings import ModelSettings, preset
from cairn.policies.bridge.train_settings import Augmentation, TrainSettings, train_preset
from cairn.policies.bridge.trainer import Trainer
from cairn.policies.bridge.training_data import (
    labelled,
    persistence_of,
    statistics_of,
    tasks_of,
)

_PERFECT = 1e-9

GROUPS = {"translation": slice(0, 3), "rotation": slice(3, 6), "gripper": slice(6, 7)}


@dataclass(frozen=True)
class WindowSettings:
    """Of a cross-validation.

    Attributes:
        model: tasks are filled in.
        training: of each fold; the seed is the fold's number on top of this one.
        folds: demonstrations are dealt to so many; each is held out once.
        repeats: how often they are dealt anew.
        relabelling: of the actions.
    """

    model: ModelSettings
    training: TrainSettings
    folds: int = 5
    repeats: int = 1
    relabelling: Relabelling = "recorded"

    def __post_init__(self) -> None:
        if self.folds < 2 or self.repeats < 1:
            raise CairnError(f"folds must be at least 2 and repeats 1, got {self.folds} and {self.repeats}")


def window_settings(
    last_action: bool = True, steps: int = 600, seed: int = 0, folds: int = 5, repeats: int = 1
) -> WindowSettings:
    """A small model for small pictures of few demonstrations, which it sees in many disguises."""
    augmentation = Augmentation(
        scale=(0.85, 1.1), rotation=0.15, mirror=True, brightness=0.2, contrast=0.3, saturation=0.4, hue=0.1
    )
    model = preset(
        "small",
        tasks=("",),
        resized_width=64,
        resized_height=64,
        width=56,
        height=56,
        channels=48,
        hidden=64,
        dropout=0.3,
        last_action=last_action,
    )
    training = train_preset(
        "small",
        steps=steps,
        batch=48,
        learning_rate=1e-3,
        last_action_noise=0.2,
        last_action_dropout=0.3,
        augmentation=augmentation,
        weight_decay=0.1,
        seed=seed,
    )
    return WindowSettings(model, training, folds, repeats)


def bridge_windows(
    path: Path,
    work: Path,
    settings: WindowSettings,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Train on all but a fold, judge by it, for each fold; plain values for a report.

    Errors are root mean squares in standard deviations of all demonstrations' actions, over the steps that
    have one before them; intervals are of resampled demonstrations.  "persistence" is the action before, each
    number drawn towards its mean by a factor fitted to the training data: all that can be told without
    pictures by so simple a rule.

    Args:
        work: directory of decoded frames.

    Raises CairnError when there are fewer demonstrations than folds, or none has two steps.
    """
    store = open_frames(path, work, FrameSettings.of(settings.model))
    demonstrations = labelled(store, settings.relabelling)
    if len(demonstrations) < settings.folds:
        raise CairnError(
            f"{path}: expected at least {settings.folds} demonstrations, one a fold, "
            f"got {len(demonstrations)}"
        )
    model = replace(settings.model, tasks=tasks_of(demonstrations))
    unit = statistics_of(demonstrations).std
    total = settings.folds * settings.repeats
    squares: dict[int, list[dict[str, NDArray[np.float64]]]] = {}
    for number in range(total):
        progress(number, total)
        repeat, fold = divmod(number, settings.folds)
        dealt = np.random.default_rng(settings.training.seed + repeat).permutation(len(demonstrations))
        held = set(dealt[fold :: settings.folds].tolist())
        training = replace(settings.training, seed=settings.training.seed + number)
        rest = [one for index, one in enumerate(demonstrations) if index not in held]
        statistics = statistics_of(rest)
        persistence = persistence_of(rest, statistics)
        trainer = Trainer(
            BridgeModel.seeded(model, training.seed, persistence),
            BatchSampler(rest, model, training, statistics),
            training,
        )
        trainer.run(training.steps, lambda row: None)
        trained = trainer.trained_model()
        for index in sorted(held):
            error = squared_errors(trained, demonstrations[index], statistics, unit, persistence)
            if error is not None:
                squares.setdefault(index, []).append(error)
    progress(total, total)
    if not squares:
        raise CairnError(f"{path}: expected demonstrations of at least two steps")
    return {
        "demonstrations": len(squares),
        "folds": settings.folds,
        "repeats": settings.repeats,
        "steps": settings.training.steps,
        "last_action": model.last_action,
        "problems": list(store.problems),
    } | _report(squares)


def _report(squares: dict[int, list[dict[str, NDArray[np.float64]]]]) -> dict[str, Any]:
    """Errors by method, and those of the model compared with each other method."""
    by_method = {
        method: np.array([np.mean([one[method] for one in found], axis=0) for found in squares.values()])
        for method in (*METHODS, PERSISTENCE)
    }
    report: dict[str, Any] = {"methods": {}, "model_beats": {}}
    for method, each in by_method.items():
        entry: dict[str, Any] = {"error": _root_mean(each), "interval": _interval(each)}
        entry |= {name: _root_mean(each[:, part]) for name, part in GROUPS.items()}
        report["methods"][method] = entry
    ours = by_method["model"].mean(axis=1)
    for method in (*METHODS[1:], PERSISTENCE):
        theirs = by_method[method].mean(axis=1)
        report["model_beats"][method] = {
            "ratio": _ratio(ours, theirs),
            "interval": _ratio_interval(ours, theirs),
            "demonstrations": int((ours < theirs).sum()),
        }
    return report


def _ratio(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float | None:
    """Of root mean squares; None where the other makes no errors worth the name."""
    return float(np.sqrt(ratio_of_means(ours, theirs))) if theirs.mean() > _PERFECT else None


def _ratio_interval(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> list[float] | None:
    if theirs.mean() <= _PERFECT:
        return None
    low, high = interval_of_paired_ratio(ours, theirs)
    return [float(np.sqrt(low)), float(np.sqrt(high))]


def _root_mean(squares: NDArray[np.float64]) -> float:
    return float(np.sqrt(squares.mean()))


def _interval(squares: NDArray[np.float64]) -> list[float]:
    low, high = interval_of_mean(squares.mean(axis=1))
    return [float(np.sqrt(low)), float(np.sqrt(high))]
