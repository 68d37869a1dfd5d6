"""From nothing to a bundle: collect, train, diagnose, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import torch

from cairn.hardware.errors import CairnError
from cairn.policies.bundle import PolicyBundle
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.bundle import write_recon_bundle
from cairn.policies.recon.card import model_card
from cairn.policies.recon.collect import CollectSettings, collect_worlds, world_file
from cairn.policies.recon.curves import Curves
from cairn.policies.recon.dataset import GroupSampler, WorldFrames
from cairn.policies.recon.diagnostics import diagnose
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.settings import ModelSettings
from cairn.policies.recon.training import Trainer, TrainSettings
from cairn.policies.recon.training_plan import TrainingPlan

_SAVE_EVERY = 250
_DIAGNOSE_EVERY = 1000


class TrainingStoppedError(CairnError):
    """The run was told to stop; what it had reached is saved."""


@dataclass(frozen=True)
class TrainingEvents:
    """What a caller may want to show; each is called from the thread that trains.

    Attributes:
        collected: directory, worlds there, worlds wanted.
        trained: steps made, steps wanted.
        losses: a row of the curves: `step`, `seconds` and the mean of each loss.
        diagnosed: step and what `diagnose` found on tuning worlds.
        should_stop: asked between two steps of training and two collected worlds.
    """

    collected: Callable[[Path, int, int], None] = lambda directory, done, total: None
    trained: Callable[[int, int], None] = lambda step, steps: None
    losses: Callable[[Mapping[str, float]], None] = lambda row: None
    diagnosed: Callable[[int, Mapping[str, float]], None] = lambda step, metrics: None
    should_stop: Callable[[], bool] = lambda: False


def train_recon(
    plan: TrainingPlan,
    events: TrainingEvents | None = None,
    collect: CollectSettings | None = None,
    calibrate: Callable[[Path], float] | None = None,
) -> PolicyBundle:
    """Carry out `plan`; collected worlds and a checkpoint that are there already are kept.

    Args:
        calibrate: gives the match threshold of the recogniser that a bundle's directory makes, which is more
            than the model; asked where the plan has none.  Without it the model's own is taken.

    Raises:
        TrainingStoppedError: `events.should_stop` said so; collected worlds and the checkpoint are kept.
        CairnError: a checkpoint of other settings is in the way, training diverged, or CUDA is missing.
    """
    events, collect = events or TrainingEvents(), collect or CollectSettings()
    device = _device(plan.device)
    training = _collect(range(plan.worlds), plan.work / "worlds", collect, plan.jobs, events)
    tuning = _collect(plan.validation_seeds, plan.work / "validation", collect, plan.jobs, events)
    view = CylindricalView()
    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.jobs)
    model = LatentGoalModel(ModelSettings(view.height, view.width, plan.encoder, plan.fusion)).to(device)
    trainer = _trainer(plan, model, training, view)
    _train(plan, trainer, tuning, view, events)
    metrics = diagnose(model.cpu(), tuning, view.horizontal_fov)
    events.diagnosed(trainer.step, metrics)
    data = [
        f"{sum(len(world.image) for world in training)} simulated frames of explorative driving and single "
        f"views in {plan.worlds} generated worlds (seeds 0-{plan.worlds - 1}) of six kinds, in varied light "
        "and weather"
    ]

    def write(directory: Path, threshold: float) -> PolicyBundle:
        return write_recon_bundle(
            model,
            directory,
            view=view,
            data=data,
            seed=plan.seed,
            command=plan.command,
            metrics={name: value for name, value in metrics.items() if isfinite(value)},
            parameters={"match_threshold": round(threshold, 6)},
            card=model_card(metrics, data, plan.command, trainer.seconds / 60),
        )

    threshold = plan.threshold
    if threshold is None:
        threshold = metrics["threshold"]
        if calibrate is not None:
            threshold = calibrate(write(plan.work / "uncalibrated", threshold).directory)
    return write(plan.output, threshold)


def _device(name: str) -> str:
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise CairnError("device cuda was asked for, but torch finds no GPU; valid here: auto, cpu")
    return name


def _collect(
    seeds: Sequence[int], directory: Path, settings: CollectSettings, jobs: int, events: TrainingEvents
) -> list[WorldFrames]:
    done = sum(world_file(directory, seed).exists() for seed in seeds)
    events.collected(directory, done, len(seeds))
    with closing(collect_worlds(seeds, directory, settings, jobs)) as collected:
        for _ in collected:
            done += 1
            events.collected(directory, done, len(seeds))
            if done < len(seeds) and events.should_stop():
                raise TrainingStoppedError(
                    f"collection stopped after {done} of {len(seeds)} worlds; {directory} keeps them and "
                    "the same command goes on from there"
                )
    return [WorldFrames.load(world_file(directory, seed)) for seed in seeds]


def _trainer(
    plan: TrainingPlan, model: LatentGoalModel, worlds: Sequence[WorldFrames], view: CylindricalView
) -> Trainer:
    sampler = GroupSampler(
        worlds,
        plan.seed,
        horizontal_fov=view.horizontal_fov,
        sectors=model.settings.sectors,
        waypoints=model.settings.waypoints,
    )
    trainer = Trainer(model, sampler, TrainSettings(steps=plan.steps, seed=plan.seed))
    if _checkpoint(plan).exists():
        trainer.resume(_checkpoint(plan))
    return trainer


def _train(
    plan: TrainingPlan,
    trainer: Trainer,
    tuning: Sequence[WorldFrames],
    view: CylindricalView,
    events: TrainingEvents,
) -> None:
    device = next(trainer.model.parameters()).device
    curves = Curves(plan.work / "curves.jsonl", trainer.step)

    def report(row: Mapping[str, float]) -> None:
        curves.append(row)
        events.losses(row)

    events.trained(trainer.step, plan.steps)
    while trainer.step < plan.steps:
        until = min(plan.steps, trainer.step - trainer.step % _SAVE_EVERY + _SAVE_EVERY)
        trainer.run(until, report, should_stop=events.should_stop)
        trainer.save(_checkpoint(plan))
        events.trained(trainer.step, plan.steps)
        if trainer.step < until:
            raise TrainingStoppedError(
                f"training stopped at step {trainer.step} of {plan.steps}; {_checkpoint(plan)} is saved and "
                "the same command goes on from it"
            )
        if trainer.step % _DIAGNOSE_EVERY == 0 and trainer.step < plan.steps:
            events.diagnosed(
                trainer.step, diagnose(trainer.model.cpu(), tuning, view.horizontal_fov, batches=8)
            )
            trainer.model.to(device)


def _checkpoint(plan: TrainingPlan) -> Path:
    return plan.work / "checkpoint.pt"
