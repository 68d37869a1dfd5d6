"""What one run of `cairn train recon` is to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from cairn.hardware.errors import CairnError
from cairn.policies.recon.settings import EncoderKind, Fusion

TRAINING_SEEDS = range(0, 1000)
"""World seeds that training may see; those above are for tuning and for reported figures."""

VALIDATION_SEEDS = range(1000, 1012)
"""Of the tuning worlds on which a model is diagnosed and its threshold chosen."""

_DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class TrainingPlan:
    """Checked at construction; raises CairnError that names what is out of range.

    Attributes:
        output: directory of the bundle to write.
        work: directory of collected frames, checkpoint and loss curves.
        command: that reproduces it, for the card.
        worlds: training worlds, seeds 0 to worlds - 1.
        steps: of training.
        seed: of weights, batches and augmentation.
        jobs: processes that collect, threads that train.
        device: "auto" takes a GPU if there is one.
        threshold: match probability that counts as a recognition; chosen on tuning worlds if None.
        validation_seeds: tuning worlds.
    """

    output: Path
    work: Path
    command: str
    worlds: int = 240
    steps: int = 7000
    seed: int = 0
    jobs: int = 2
    fusion: Fusion = "late"
    encoder: EncoderKind = "compact"
    device: str = "auto"
    threshold: float | None = None
    validation_seeds: range = VALIDATION_SEEDS

    def __post_init__(self) -> None:
        most = len(TRAINING_SEEDS)
        if not 2 <= self.worlds <= most:
            raise CairnError(
                f"worlds must lie in [2, {most}]: training seeds are 0 to {most - 1}, got {self.worlds}"
            )
        if not 0 <= self.seed < 2**32:
            raise CairnError(f"seed must lie in [0, {2**32 - 1}], got {self.seed}")
        if self.steps < 1 or self.jobs < 1:
            raise CairnError(f"steps and jobs must be at least 1, got {self.steps} and {self.jobs}")
        for name, value, valid in (
            ("fusion", self.fusion, get_args(Fusion)),
            ("encoder", self.encoder, get_args(EncoderKind)),
            ("device", self.device, _DEVICES),
        ):
            if value not in valid:
                raise CairnError(f"{name} must be one of {', '.join(valid)}, got {value!r}")
        if self.threshold is not None and not 0 < self.threshold < 1:
            raise CairnError(f"threshold must be a probability in (0, 1), got {self.threshold}")
