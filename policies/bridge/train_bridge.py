"""From demonstrations to a bundle: decode, train, judge, export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import torch

from cairn.policies.bridge.action_errors import held_out_metrics
from cairn.policies.bridge.action_statistics import ActionStatistics
from cairn.policies.bridge.bundle import write_bridge_bundle
from cairn.policies.bridge.card import model_card
from cairn.policies.bridge.frame_store import FrameSettings, open_frames
from cairn.policies.bridge.model import BridgeModel
from cairn.policies.bridge.sampler import BatchSampler
from cairn.policies.bridge.settings import ModelSettings
from cairn.policies.bridge.starting_weights import take_weights
from cairn.policies.bridge.trainer import Trainer
from cairn.policies.bridge.training_data import (
    LabelledDemonstration,
    hold_out,
    labelled,
    persistence_of,
    statistics_of,
    tasks_of,
)
from cairn.policies.bridge.training_events import TrainingEvents
from cairn.policies.bridge.training_plan import TrainingPlan
from cairn.policies.bundle import PolicyBundle
from cairn.policies.training.curves import Curves
from cairn.policies.training.device import training_device
from cairn.policies.training.event_curves import EventCurves
from cairn.policies.training.recording import Recording
from cairn.policies.training.stopped import TrainingStoppedError

_SAVE_EVERY = 250
_JUDGE_EVERY = 1000
_JUDGED = 50  # demonstrations, on the way


@dataclass(frozen=True, eq=False)
class PreparedData:
    """What a plan's data sets hold.

    Attributes:
        training, held_out: whole demonstrations.
        lines: one a data set, for manifest and card.
        problems: what could not be read.
    """

    training: list[LabelledDemonstration]
    held_out: list[LabelledDemonstration]
    lines: list[str]
    problems: list[str]


def train_bridge(plan: TrainingPlan, events: TrainingEvents | None = None) -> PolicyBundle:
    """Carry out `plan`; decoded frames and a checkpoint that are there already are kept.

    Raises:
        TrainingStoppedError: `events.should_stop` said so; the checkpoint is kept.
        CairnError: nothing can be read, a demonstration lacks its task, a checkpoint of another training is
            in the way, training diverged, or CUDA is missing.
    """
    events = events or TrainingEvents()
    device = training_device(plan.device)
    torch.set_num_threads(plan.jobs)
    data = prepare(plan, events)
    everything = [*data.training, *data.held_out]
    tasks = tasks_of(everything) if plan.model.goal == "task" else ()
    model = replace(plan.model, tasks=tasks)
    statistics = statistics_of(data.training)
    trainer = _trainer(plan, model, data, statistics, device)
    _train(plan, trainer, data, statistics, events)
    trained = trainer.trained_model()
    metrics = held_out_metrics(trained, data.held_out, statistics)
    events.judged(trainer.step, metrics)
    return write_bridge_bundle(
        trained,
        statistics,
        plan,
        data.lines,
        metrics,
        model_card(plan, model, data.lines, metrics, len(data.held_out), trainer.seconds / 60, data.problems),
        data.held_out or data.training,
    )


def prepare(plan: TrainingPlan, events: TrainingEvents) -> PreparedData:
    """Decode what is not decoded yet, label it, hold a part of each data set out.

    Raises as `train_bridge`.
    """
    frames = FrameSettings.of(plan.model, plan.cameras)
    found: dict[Recording, list[LabelledDemonstration]] = {}
    problems: list[str] = []
    for source in (*plan.data, *plan.target):
        store = open_frames(
            source.path,
            plan.work / "frames",
            frames,
            lambda done, path=source.path: events.read(path, done),  # type: ignore[misc]
            events.should_stop,
        )
        for problem in store.problems:
            events.left_out(problem)
        problems += store.problems
        found[source] = labelled(store, plan.relabelling, source.weight)
    training, held_out = hold_out([one for ones in found.values() for one in ones], plan.validation)
    lines = [
        f"{len(ones)} demonstrations, {sum(len(one.steps) for one in ones)} steps, in {source.path.name}"
        + (f", weight {source.weight:g}" if source.weight != 1 else "")
        + (f", target data, {plan.target_share:.0%} of the samples" if source in plan.target else "")
        for source, ones in found.items()
    ]
    targets = {id(one) for source in plan.target for one in found[source]}
    return PreparedData(_shared_out(training, targets, plan.target_share), held_out, lines, problems)


def _shared_out(
    training: list[LabelledDemonstration], targets: set[int], share: float
) -> list[LabelledDemonstration]:
    """Weights such that target data are drawn as often as they are to be."""
    totals = {
        part: sum(one.weight * len(one.steps) for one in training if (id(one) in targets) == part)
        for part in (True, False)
    }
    if not totals[True] or not totals[False]:
        return training
    factors = {True: share / totals[True], False: (1 - share) / totals[False]}
    return [replace(one, weight=one.weight * factors[id(one) in targets]) for one in training]


def _trainer(
    plan: TrainingPlan,
    model: ModelSettings,
    data: PreparedData,
    statistics: ActionStatistics,
    device: str,
) -> Trainer:
    network = BridgeModel.seeded(model, plan.training.seed, persistence_of(data.training, statistics))
    if plan.start is not None:
        take_weights(network, plan.start)
    sampler = BatchSampler(data.training, model, plan.training, statistics)
    facts = blake2b(digest_size=16)
    for one in data.training:
        facts.update(f"{one.record.key} {one.weight!r}".encode() + one.actions.tobytes())
    trainer = Trainer(network.to(device), sampler, plan.training, facts.hexdigest())
    if _checkpoint(plan).exists():
        trainer.resume(_checkpoint(plan))
    return trainer


def _train(
    plan: TrainingPlan,
    trainer: Trainer,
    data: PreparedData,
    statistics: ActionStatistics,
    events: TrainingEvents,
) -> None:
    curves = Curves(plan.work / "curves.jsonl", trainer.step)
    scalars = EventCurves(plan.work / "events", trainer.step)
    steps = plan.training.steps

    def report(row: Mapping[str, float]) -> None:
        curves.append(row)
        scalars.append(row)
        events.losses(row)
        events.trained(int(row["step"]), steps)

    events.trained(trainer.step, steps)
    while trainer.step < steps:
        until = min(steps, trainer.step - trainer.step % _SAVE_EVERY + _SAVE_EVERY)
        trainer.run(until, report, should_stop=events.should_stop)
        trainer.save(_checkpoint(plan))
        if trainer.step < until:
            raise TrainingStoppedError(
                f"training stopped at step {trainer.step} of {steps}; {_checkpoint(plan)} is saved and the "
                "same command goes on from it"
            )
        if trainer.step % _JUDGE_EVERY == 0 or trainer.step == steps:
            metrics = held_out_metrics(trainer.trained_model(), _some(data.held_out), statistics)
            scalars.append(metrics | {"step": trainer.step}, "held_out")
            if trainer.step < steps:
                events.judged(trainer.step, metrics)
    scalars.close()


def _some(demonstrations: Sequence[LabelledDemonstration]) -> Sequence[LabelledDemonstration]:
    return demonstrations[:: max(1, len(demonstrations) // _JUDGED)]


def _checkpoint(plan: TrainingPlan) -> Path:
    return plan.work / "checkpoint.pt"
