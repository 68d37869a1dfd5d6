"""Simulated worlds and recordings together, each drawn as often as its weight says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cairn.policies.recon.dataset import WorldFrames
from cairn.policies.recon.recorded_drive import RecordedDrive


@dataclass(frozen=True)
class TrainingData:
    """What a `GroupSampler` draws from.

    Attributes:
        worlds: simulated worlds and recorded drives.
        places: of each a number; those of one number may show the same place.
        chances: of each, that a group of views comes from it.
    """

    worlds: list[WorldFrames]
    places: list[int]
    chances: list[float]


def mix(worlds: Sequence[WorldFrames], world_weight: float, drives: Sequence[RecordedDrive]) -> TrainingData:
    """Simulated worlds share `world_weight` equally.

    Drives share the weight of their recording by their frames.  All drives of one source, such as the
    episodes of one bag, may show the same place.
    """
    loaded = [drive.load() for drive in drives]
    recorded: dict[Path, int] = {}
    frames: dict[Path, int] = {}
    for drive in drives:
        recorded.setdefault(drive.source, len(worlds) + len(recorded))
        frames[drive.recording] = frames.get(drive.recording, 0) + drive.frames
    weights = np.array(
        [world_weight / max(len(worlds), 1)] * len(worlds)
        + [drive.weight * drive.frames / frames[drive.recording] for drive in drives]
    )
    return TrainingData(
        [*worlds, *loaded],
        [*range(len(worlds)), *(recorded[drive.source] for drive in drives)],
        (weights / weights.sum()).tolist(),
    )
