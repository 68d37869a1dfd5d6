"""How a model is trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, isfinite, pi
from typing import Any

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.settings import MODELS


@dataclass(frozen=True)
class Augmentation:
    """What may differ between two pictures of one moment.

    Attributes:
        scale: smallest and largest size of the window, compared with that in use.
        rotation: of the picture, at most [rad].
        mirror: whether half of the pictures show a kitchen reflected left to right, with the actions of an
            arm reflected likewise; right only where cameras stand on both sides.
        brightness: added, at most.
        contrast, saturation: factors 1 - x to 1 + x.
        hue: share of the colour circle, at most.
    """

    scale: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    mirror: bool = False
    brightness: float = 0.2
    contrast: float = 0.2
    saturation: float = 0.2
    hue: float = 0.1


@dataclass(frozen=True)
class TrainSettings:
    """Checked at construction; raises CairnError that names what is out of range.

    Attributes:
        steps: to make.
        batch: samples a step.
        learning_rate: at its height.
        warm_up: steps until then.
        falls: whether it then falls along half a cosine, to 2 %.
        weight_decay: of matrices.
        average: how much of the averaged weights remains at each step; 0 keeps none but the last.
        seed: of weights, batches and augmentation.
        last_action_noise: z-scores, where the action before is an input: that of a demonstrator tells too
            much of the next.
        last_action_dropout: how often it is withheld.
    """

    steps: int
    batch: int
    learning_rate: float
    warm_up: int = 0
    falls: bool = False
    weight_decay: float = 0.0
    average: float = 0.0
    seed: int = 0
    augmentation: Augmentation = Augmentation()
    last_action_noise: float = 0.3
    last_action_dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise CairnError(f"steps and batch must be at least 1, got {self.steps} and {self.batch}")
        if not (isfinite(self.learning_rate) and 0 < self.learning_rate <= 0.1):
            raise CairnError(f"learning_rate must lie in (0, 0.1], got {self.learning_rate}")
        if not 0 <= self.average < 1:
            raise CairnError(f"average must lie in [0, 1), got {self.average}")
        if not 0 <= self.seed < 2**32:
            raise CairnError(f"seed must lie in [0, {2**32 - 1}], got {self.seed}")

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, from 0."""
        warm = min(1.0, (step + 1) / (self.warm_up + 1))
        fall = 0.02 + 0.98 * 0.5 * (1 + cos(pi * min(1.0, step / self.steps))) if self.falls else 1.0
        return self.learning_rate * warm * fall


_PRESETS: dict[str, dict[str, Any]] = {
    "v1": {"steps": 100_000, "batch": 32, "learning_rate": 1e-4},
    "v2": {
        "steps": 300_000,
        "batch": 256,
        "learning_rate": 3e-4,
        "warm_up": 2000,
        # The paper's window has 80 to 100 % of the picture's area.
        "augmentation": Augmentation(scale=(0.894, 1.0)),
    },
    "small": {
        "steps": 6000,
        "batch": 64,
        "learning_rate": 1.5e-3,
        "warm_up": 100,
        "falls": True,
        "weight_decay": 0.02,
        "average": 0.998,
        "augmentation": Augmentation(scale=(0.92, 1.08)),
    },
}


def train_preset(kind: str, **changes: Any) -> TrainSettings:
    """How the papers trained a kind of model, or what suits "small"; what is None stays as it is.

    Raises CairnError for an unknown kind.
    """
    if kind not in _PRESETS:
        raise CairnError(f"model must be one of {', '.join(MODELS)}, got {kind!r}")
    known = {name: value for name, value in changes.items() if value is not None}
    return replace(TrainSettings(**_PRESETS[kind]), **known)
