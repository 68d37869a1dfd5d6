"""From nothing to a bundle: collect, train, diagnose, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import isfinite
from pathlib import Path

import torch

from cairn.episodes.fan_out import FanOut, one_by_one
from cairn.hardware.errors import CairnError
from cairn.policies.bundle import PolicyBundle, load_bundle
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.agreement import require_agreement, require_one_folder
from cairn.policies.recon.bundle import write_recon_bundle
from cairn.policies.recon.card import model_card, recordings_section
from cairn.policies.recon.collect import CollectSettings
from cairn.policies.recon.dataset import GroupSampler, WorldFrames
from cairn.policies.recon.diagnostics import diagnose
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.preparation import collect_training, collect_tuning, convert_for
from cairn.policies.recon.ranks import Ranks
from cairn.policies.recon.recorded_drive import RecordedDrive, hold_out
from cairn.policies.recon.settings import ModelSettings
from cairn.policies.recon.starting_weights import starting_model
from cairn.policies.recon.training import Trainer, TrainSettings
from cairn.policies.recon.training_data import TrainingData, mix
from cairn.policies.recon.training_events import TrainingEvents
from cairn.policies.recon.training_plan import TrainingPlan
from cairn.policies.training.curves import Curves
from cairn.policies.training.device import training_device
from cairn.policies.training.event_curves import EventCurves
from cairn.policies.training.stopped import TrainingStoppedError

_SAVE_EVERY = 250
_DIAGNOSE_EVERY = 1000
_FINE_TUNING_RATE = 2e-4


def train_recon(
    plan: TrainingPlan,
    events: TrainingEvents | None = None,
    collect: CollectSettings | None = None,
    calibrate: Callable[[Path], float] | None = None,
    fan_out: FanOut = one_by_one,
    ranks: Ranks | None = None,
) -> PolicyBundle:
    """Carry out `plan`; collected worlds and a checkpoint that are there already are kept.

    Args:
        calibrate: gives the match threshold of the recogniser that a bundle's directory makes, which is more
            than the model; asked where the plan has none.  Without it the model's own is taken.
        fan_out: runs the conversions of recordings.
        ranks: processes that carry out the same plan together.  The first alone prepares, judges and writes.

    Raises:
        TrainingStoppedError: `events.should_stop` said so; collected worlds and the checkpoint are kept.
        CairnError: a checkpoint of other settings is in the way, training diverged, or CUDA is missing; a
            recording can't be read or there are too few; or nothing tells a match threshold; or another
            process has ended, or trains on something else.
    """
    collect, ranks = collect or CollectSettings(), ranks or Ranks()
    device = ranks.device(training_device(plan.device))
    view = CylindricalView()
    torch.manual_seed(plan.seed)
    torch.set_num_threads(ranks.threads(plan.jobs))
    model, known_threshold = _model(plan, view)
    require_one_folder(plan.work, ranks)
    events = events or TrainingEvents()
    told = events if ranks.number == 0 else TrainingEvents()
    drives = ranks.first_leads(lambda: convert_for(plan, view, told, fan_out))
    training_drives, held_out = hold_out(drives, plan.validation) if plan.recordings else ([], [])
    worlds = ranks.first_leads(lambda: collect_training(plan, collect, told))
    tuning = ranks.first_does(lambda: collect_tuning(plan, collect, told)) or []
    data = mix(worlds, plan.world_weight, training_drives)
    trainer = _trainer(plan, model.to(device), data, view, ranks)
    require_agreement(trainer, data, ranks)
    judged = mix([], 1.0, held_out) if held_out else None
    places = None
    if not tuning and judged:
        tuning, places = judged.worlds, judged.places
    diagnose_now = partial(diagnose, worlds=tuning, horizontal_fov=view.horizontal_fov, places=places)
    _train(plan, trainer, diagnose_now, replace(told, should_stop=events.should_stop), ranks)

    def finish() -> PolicyBundle:
        model = trainer.trained_model()
        metrics = diagnose_now(model)
        events.diagnosed(trainer.step, metrics)
        sources, section = _description(plan, worlds), ""
        if judged:
            recorded = None
            if worlds:
                recorded = diagnose(model, judged.worlds, view.horizontal_fov, places=judged.places)
            sources += _recorded(training_drives)
            section = recordings_section(
                training_drives, held_out, [drive for drive in drives if not drive.frames], recorded
            )

        def write(directory: Path, threshold: float) -> PolicyBundle:
            return write_recon_bundle(
                model,
                directory,
                view=view,
                data=sources,
                seed=plan.seed,
                command=plan.command,
                metrics={name: value for name, value in metrics.items() if isfinite(value)},
                parameters={"match_threshold": round(threshold, 6)},
                card=model_card(
                    metrics, sources, plan.command, trainer.seconds / 60, section, simulated=bool(worlds)
                ),
            )

        threshold = plan.threshold
        if threshold is None:
            # What few recordings tell of one view in a thousand is worth less than what tuning worlds told.
            threshold = metrics["threshold"] if worlds or known_threshold is None else known_threshold
            if not isfinite(threshold):
                raise CairnError(
                    "no held-out recording tells at which probability another place is taken for the "
                    f"goal's: give --threshold; {_checkpoint(plan)} is kept"
                )
            if calibrate is not None and worlds:
                threshold = calibrate(write(plan.work / "uncalibrated", threshold).directory)
        return write(plan.output, threshold)

    return ranks.first_does(finish) or load_bundle(plan.output)


def _model(plan: TrainingPlan, view: CylindricalView) -> tuple[LatentGoalModel, float | None]:
    """Fresh or trained, and the match threshold that is known of a trained one."""
    if plan.start is None:
        return LatentGoalModel(ModelSettings(view.height, view.width, plan.encoder, plan.fusion)), None
    model, threshold = starting_model(plan.start, view)
    for name, asked in (("fusion", plan.fusion), ("encoder", plan.encoder)):
        if getattr(model.settings, name) != asked:
            raise CairnError(
                f"{plan.start} has {name} {getattr(model.settings, name)}, expected {asked}: it can't be "
                "changed when starting from trained weights"
            )
    return model, threshold


def _description(plan: TrainingPlan, worlds: Sequence[WorldFrames]) -> list[str]:
    """Of where the weights and the simulated data come from, for manifest and card."""
    lines = []
    if plan.start is not None:
        lines.append(f"starting from the weights of {plan.start.name}")
    if worlds:
        lines.append(
            f"{sum(len(world.image) for world in worlds)} simulated frames of explorative driving and "
            f"single views in {plan.worlds} generated worlds (seeds 0-{plan.worlds - 1}) of six kinds, in "
            "varied light and weather"
        )
    return lines


def _recorded(drives: Sequence[RecordedDrive]) -> list[str]:
    """One line a recording that was asked for."""
    lines = []
    for recording in dict.fromkeys(drive.recording for drive in drives):
        part = [drive for drive in drives if drive.recording == recording]
        frames = sum(drive.frames for drive in part)
        lines.append(f"{frames} recorded frames of {len(part)} trajectories in {recording.name}")
    return lines


def _trainer(
    plan: TrainingPlan, model: LatentGoalModel, data: TrainingData, view: CylindricalView, ranks: Ranks
) -> Trainer:
    sampler = GroupSampler(
        data.worlds,
        plan.seed,
        horizontal_fov=view.horizontal_fov,
        sectors=model.settings.sectors,
        waypoints=model.settings.waypoints,
        places=data.places,
        chances=data.chances,
        share=ranks.share,
    )
    fine_tune = plan.start is not None
    rate = plan.learning_rate or (_FINE_TUNING_RATE if fine_tune else TrainSettings.learning_rate)
    settings = TrainSettings(steps=plan.steps, seed=plan.seed, learning_rate=rate, fine_tune=fine_tune)
    trainer = Trainer(model, sampler, settings, ranks)
    if _checkpoint(plan).exists():
        trainer.resume(_checkpoint(plan))
    return trainer


def _train(
    plan: TrainingPlan,
    trainer: Trainer,
    diagnose_now: Callable[..., dict[str, float]],
    events: TrainingEvents,
    ranks: Ranks,
) -> None:
    curves = ranks.first_does(lambda: Curves(plan.work / "curves.jsonl", trainer.step))
    scalars = ranks.first_does(lambda: EventCurves(plan.work / "events", trainer.step))

    def report(row: Mapping[str, float]) -> None:
        if curves is not None and scalars is not None:
            curves.append(row)
            scalars.append(row)
        events.losses(row)

    events.trained(trainer.step, plan.steps)
    while trainer.step < plan.steps:
        until = min(plan.steps, trainer.step - trainer.step % _SAVE_EVERY + _SAVE_EVERY)
        trainer.run(until, report, should_stop=events.should_stop)
        ranks.first_does(lambda: trainer.save(_checkpoint(plan)))
        events.trained(trainer.step, plan.steps)
        if trainer.step < until:
            raise TrainingStoppedError(
                f"training stopped at step {trainer.step} of {plan.steps}; {_checkpoint(plan)} is saved and "
                "the same command goes on from it"
            )
        if trainer.step % _DIAGNOSE_EVERY == 0 and trainer.step < plan.steps:
            ranks.first_does(
                lambda: events.diagnosed(trainer.step, diagnose_now(trainer.trained_model(), batches=8))
            )
    if scalars is not None:
        scalars.close()


def _checkpoint(plan: TrainingPlan) -> Path:
    return plan.work / "checkpoint.pt"
