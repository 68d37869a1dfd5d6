"""What training needs before its first step."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from cairn.episodes.fan_out import FanOut
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon.collect import CollectSettings, collect_worlds, world_file
from cairn.policies.recon.convert_recordings import ConversionSettings, convert_recordings
from cairn.policies.recon.dataset import WorldFrames
from cairn.policies.recon.recorded_drive import RecordedDrive
from cairn.policies.recon.training_events import TrainingEvents
from cairn.policies.recon.training_plan import TrainingPlan
from cairn.policies.training.stopped import TrainingStoppedError


def convert_for(
    plan: TrainingPlan, view: CylindricalView, events: TrainingEvents, fan_out: FanOut
) -> list[RecordedDrive]:
    """The plan's recordings as frames.

    Raises TrainingStoppedError when `events.should_stop` says so, CairnError as `convert_recordings`.
    """
    if not plan.recordings:
        return []
    directory = plan.work / "recordings"
    drives = convert_recordings(
        plan.recordings,
        directory,
        ConversionSettings(view, plan.camera_fov, plan.camera),
        partial(events.collected, directory),
        events.should_stop,
        fan_out,
    )
    if events.should_stop():
        raise TrainingStoppedError(
            f"conversion stopped; {directory} keeps what is done and the same command goes on from there"
        )
    return drives


def collect_training(
    plan: TrainingPlan, settings: CollectSettings, events: TrainingEvents
) -> list[WorldFrames]:
    """The plan's training worlds.  Raises TrainingStoppedError when `events.should_stop` says so."""
    return _collect(range(plan.worlds), plan.work / "worlds", settings, plan.jobs, events)


def collect_tuning(
    plan: TrainingPlan, settings: CollectSettings, events: TrainingEvents
) -> list[WorldFrames]:
    """The worlds to judge by, where the plan has worlds to train on.  Raises as `collect_training`."""
    seeds = plan.validation_seeds if plan.worlds else ()
    return _collect(seeds, plan.work / "validation", settings, plan.jobs, events)


def _collect(
    seeds: Sequence[int], directory: Path, settings: CollectSettings, jobs: int, events: TrainingEvents
) -> list[WorldFrames]:
    if not seeds:
        return []
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
