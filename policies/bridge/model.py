"""From an image and a goal to the next actions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cairn.policies.bridge.resnet import OUTPUTS, ResNet34
from cairn.policies.bridge.settings import DIMENSIONS, ModelSettings
from cairn.policies.bridge.small_encoder import SmallEncoder
from cairn.policies.bridge.spatial_softmax import SpatialSoftmax

_V1_STRIDES = (2, 2, 2, 1, 1)
_V2_GROUPS = 4

Inputs = Mapping[str, Tensor]


class BridgeModel(nn.Module):
    """Inputs by name, batch axis first, to z-scored actions (B, horizon, 7).

    image: (B, 3, height, width) in [-1, 1].  task: one-hot, (B, tasks); or goal_image as image.
    last_action: z-scored and whether there is one, (B, 8), where the settings ask for it.
    """

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.encoder = _encoder(settings)
        self.head = _head(self.encoder.outputs + (DIMENSIONS + 1) * settings.last_action, settings)
        # Of the action before, how much of it remains; per dimension, and the same for all steps ahead.
        self.persistence = nn.Parameter(torch.zeros(DIMENSIONS)) if settings.last_action else None

    @classmethod
    def seeded(
        cls, settings: ModelSettings, seed: int, persistence: NDArray[np.float64] | None = None
    ) -> BridgeModel:
        """Fresh weights, the same for the same seed; what torch draws later follows from it, too.

        `persistence`, shape (7,): how much of the action before remains in the next, where it is an input.
        """
        torch.manual_seed(seed)
        model = cls(settings)
        if model.persistence is not None and persistence is not None:
            model.persistence.data.copy_(torch.from_numpy(persistence))
        return model

    @property
    def input_names(self) -> list[str]:
        """In the order of the exported graph."""
        return [
            "image",
            "task" if self.settings.goal == "task" else "goal_image",
            *(["last_action"] if self.settings.last_action else []),
        ]

    def forward(self, image: Tensor, goal: Tensor, last_action: Tensor | None = None) -> Tensor:
        features = self.encoder(image, goal)
        if last_action is not None:
            features = torch.cat([features, last_action], dim=1)
        actions: Tensor = self.head(features).unflatten(1, (self.settings.horizon, DIMENSIONS))
        if last_action is not None and self.persistence is not None:
            actions = actions + (self.persistence * last_action[:, :DIMENSIONS])[:, None]
        return actions


def example_inputs(settings: ModelSettings, batch: int = 2) -> dict[str, Tensor]:
    """The same numbers at every call, by name, in the graph's order."""
    generator = torch.Generator().manual_seed(0)
    shape = (batch, 3, settings.height, settings.width)
    inputs = {"image": 2 * torch.rand(shape, generator=generator) - 1}
    if settings.goal == "task":
        ids = torch.arange(batch) % len(settings.tasks)
        inputs["task"] = nn.functional.one_hot(ids, len(settings.tasks)).float()
    else:
        inputs["goal_image"] = 2 * torch.rand(shape, generator=generator) - 1
    if settings.last_action:
        last = torch.randn(batch, DIMENSIONS + 1, generator=generator)
        last[:, DIMENSIONS] = 1.0
        inputs["last_action"] = last
    return inputs


def _encoder(settings: ModelSettings) -> _V1Encoder | _V2Encoder | SmallEncoder:
    if settings.kind == "v1":
        return _V1Encoder(settings)
    if settings.kind == "v2":
        return _V2Encoder(settings)
    return SmallEncoder(settings.height, settings.width, settings.channels, len(settings.tasks))


def _head(inputs: int, settings: ModelSettings) -> nn.Sequential:
    """Three hidden layers, as in both papers."""
    layers: list[nn.Module] = []
    for width in (inputs, settings.hidden, settings.hidden):
        layers += [nn.Linear(width, settings.hidden), nn.ReLU(), nn.Dropout(settings.dropout)]
    last = nn.Linear(settings.hidden, settings.horizon * DIMENSIONS)
    # Begins near the mean action, which is zero.
    nn.init.normal_(last.weight, std=1e-2)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)


class _V1Encoder(nn.Module):
    """The task id joins after the encoder."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.body = ResNet34(3, _V1_STRIDES)
        self.where = SpatialSoftmax(
            -(-settings.height // self.body.stride), -(-settings.width // self.body.stride)
        )
        self.outputs = 2 * OUTPUTS + len(settings.tasks)

    def forward(self, image: Tensor, task: Tensor) -> Tensor:
        return torch.cat([self.where(self.body(image)), task], dim=1)


class _V2Encoder(nn.Module):
    """Observation and goal are one image of six channels, and two more that say where a pixel is."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.body = ResNet34(8, norm=lambda channels: nn.GroupNorm(_V2_GROUPS, channels), activation=nn.SiLU)
        rows, columns = torch.linspace(-1, 1, settings.height), torch.linspace(-1, 1, settings.width)
        position = torch.stack(torch.meshgrid(rows, columns, indexing="ij"))[None]
        self.register_buffer("position", position, persistent=False)
        self.position: Tensor
        self.outputs = OUTPUTS

    def forward(self, image: Tensor, goal_image: Tensor) -> Tensor:
        # Spread over the batch by a sum, which the exported graph can do for any batch.
        position = self.position + torch.zeros_like(image[:, :1])
        features: Tensor = self.body(torch.cat([image, goal_image, position], dim=1)).mean((2, 3))
        return features
