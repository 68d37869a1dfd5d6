"""Which model, and its sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import atan, degrees
from typing import Any, Literal

from cairn.hardware.errors import CairnError
from cairn.policies.bundle.image_input import ResizeKernel

ModelKind = Literal["small", "v1", "v2"]
GoalKind = Literal["task", "image"]

MODELS: tuple[ModelKind, ...] = ("small", "v1", "v2")
DIMENSIONS = 7

_C920_FOCAL_LENGTH = 623.6 / 640  # of the image's width


@dataclass(frozen=True)
class ModelSettings:
    """What a checkpoint needs to be rebuilt; `preset` has the values of each kind.

    Attributes:
        kind: "v1" (Ebert et al. 2021): ResNet-34, spatial softmax, task id.  "v2" (Walke et al. 2023):
            ResNet-34 with group normalisation, goal image stacked on the observation.  "small": ours.
        goal: what tells it what to do.
        tasks: names, in the order of their ids; empty for image goals.
        resized_width, resized_height, kernel: the size that a camera's image is brought to.
        width, height: of the window of it that the network sees, its centre in use [pixels].
        horizon: actions predicted at once.
        last_action: whether the action before is an input, too.  Helps to forecast what a demonstrator
            does; a policy that acts tends to go on with whatever it did.
        hidden: width of the layers of the head.
        dropout: share of their outputs.
        channels: "small" alone: width of the encoder.

    Raises CairnError when they don't fit together.
    """

    kind: ModelKind
    goal: GoalKind
    tasks: tuple[str, ...] = ()
    resized_width: int = 144
    resized_height: int = 112
    kernel: ResizeKernel = "area"
    width: int = 128
    height: int = 96
    horizon: int = 1
    last_action: bool = False
    hidden: int = 256
    dropout: float = 0.0
    channels: int = 48

    def __post_init__(self) -> None:
        if self.kind not in MODELS:
            raise CairnError(f"model must be one of {', '.join(MODELS)}, got {self.kind!r}")
        if self.goal not in ("task", "image"):
            raise CairnError(f"goal must be one of task, image, got {self.goal!r}")
        if self.kind == "v2" and self.goal != "image":
            raise CairnError("model v2 is told what to do by a goal image; valid goal: image")
        if self.kind != "v2" and self.goal != "task":
            raise CairnError(f"model {self.kind} is told what to do by a task; valid goal: task")
        if not (32 <= self.width <= self.resized_width and 32 <= self.height <= self.resized_height):
            raise CairnError(
                "the window must have at least 32 pixels a side and fit into the resized image, got "
                f"{self.width}x{self.height} of {self.resized_width}x{self.resized_height}"
            )
        if not 1 <= self.horizon <= 100:
            raise CairnError(f"horizon must lie in [1, 100] steps, got {self.horizon}")
        if not 0 <= self.dropout < 1:
            raise CairnError(f"dropout must be a share in [0, 1), got {self.dropout}")
        if self.channels < 24 or self.channels % 24:
            raise CairnError(f"channels must be a multiple of 24, got {self.channels}")

    @property
    def horizontal_fov(self) -> float:
        """Degrees seen by the window of a Logitech C920 at 640x480, the camera of Bridge Data."""
        focal_length = _C920_FOCAL_LENGTH * self.resized_width
        return 2 * degrees(atan(self.width / 2 / focal_length))


_PRESETS: dict[str, dict[str, Any]] = {
    "v1": {"goal": "task"},
    "v2": {
        "goal": "image",
        "resized_width": 128,
        "resized_height": 128,
        "kernel": "lanczos4",
        "width": 128,
        "height": 128,
        "dropout": 0.1,
    },
    "small": {"goal": "task", "dropout": 0.1},
}


def preset(kind: str, **changes: Any) -> ModelSettings:
    """The settings of a kind of model, some of them changed.  Raises CairnError for an unknown kind."""
    if kind not in _PRESETS:
        raise CairnError(f"model must be one of {', '.join(MODELS)}, got {kind!r}")
    return replace(ModelSettings(**({"kind": kind} | _PRESETS[kind])), **changes)
