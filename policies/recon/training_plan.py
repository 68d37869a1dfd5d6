"""What one run of `cairn train recon` is to do."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import get_args

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.recon.settings import EncoderKind, Fusion
from cairn.policies.training.recording import Recording

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
        threshold: match probability that counts as a recognition; if None, chosen on tuning worlds, or
            without worlds that of `start`, or chosen on held-out recordings.
        validation_seeds: tuning worlds.
        recordings: to learn from, too, or alone where `worlds` is 0.
        world_weight: how often views are drawn from simulated worlds, compared with recordings.
        validation: share of the recorded trajectories that is held out.
        camera: that took the images of recordings that do not say it.
        camera_fov: instead of it, of a pinhole [degrees].
        start: bundle or checkpoint whose weights to start from.
        learning_rate: at its height; chosen by whether there is a `start` if None.
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
    recordings: tuple[Recording, ...] = ()
    world_weight: float = 1.0
    validation: float = 0.1
    camera: CameraModel | None = None
    camera_fov: float | None = None
    start: Path | None = None
    learning_rate: float | None = None

    def __post_init__(self) -> None:
        most = len(TRAINING_SEEDS)
        if self.worlds == 0 and not self.recordings:
            raise CairnError("nothing to learn from: give at least 2 worlds, or recordings")
        if not (self.worlds == 0 or 2 <= self.worlds <= most):
            raise CairnError(
                f"worlds must lie in [2, {most}]: training seeds are 0 to {most - 1}, got {self.worlds}; "
                "0 trains on recordings alone"
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
        if not 0 < self.validation <= 0.5:
            raise CairnError(f"validation must be a share in (0, 0.5], got {self.validation}")
        if not (isfinite(self.world_weight) and self.world_weight > 0):
            raise CairnError(f"world_weight must be positive, got {self.world_weight}")
        if self.camera is not None and self.camera_fov is not None:
            raise CairnError("the lens of recordings is given by a calibration or by camera_fov, got both")
        if self.camera_fov is not None and not 10 <= self.camera_fov < 170:
            raise CairnError(f"camera_fov must lie in [10, 170) degrees, got {self.camera_fov}")
        if self.learning_rate is not None and not 0 < self.learning_rate <= 0.1:
            raise CairnError(f"learning_rate must lie in (0, 0.1], got {self.learning_rate}")
