"""What two views have to do with each other."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cairn.policies.recon.settings import ModelSettings

_HEADS = 8


class PairModel(nn.Module):
    """Tokens of an observation and of a goal, each (B, T, C) → features (B, 256).

    Two paths: the correlation of all columns with all columns, read as an image (its diagonal's offset is
    the relative yaw, its slope the relative distance), and the goal's content brought to the observation's
    columns by attention.
    """

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        columns, channels = settings.columns, settings.channels
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, 64)
        self.own = nn.Linear(channels, 64)
        self.scale = nn.Parameter(torch.tensor(4.0))
        self.correlation = nn.Sequential(
            nn.Conv2d(_HEADS, 24, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(24, 32, 3, 2, 1),
            nn.ReLU(inplace=True),
            nn.Flatten(1),
            nn.Linear(32 * ((columns + 1) // 2) ** 2, 128),
        )
        self.content = nn.Sequential(
            nn.Conv1d(64 + 64 + _HEADS, 64, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv1d(64, 48, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Flatten(1),
            nn.Linear(48 * columns, 128),
        )
        self.join = nn.Sequential(nn.ReLU(), nn.Linear(256, 256), nn.ReLU())

    def project(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Per-image projections, so that comparing all pairs of a batch projects each image once."""
        batch, columns, _ = tokens.shape
        query = self.query(tokens).view(batch, columns, _HEADS, -1).transpose(1, 2)
        key = self.key(tokens).view(batch, columns, _HEADS, -1).transpose(1, 2)
        query = nn.functional.normalize(query, dim=-1)
        key = nn.functional.normalize(key, dim=-1)
        return query, key, self.value(tokens), self.own(tokens)

    def relate(self, query: Tensor, own: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Features from the observation's projections (query, own) and the goal's (key, value)."""
        correlation = query @ key.transpose(-1, -2)
        attention = torch.softmax(correlation.mean(1) * self.scale.exp().clamp(max=100.0), dim=-1)
        brought = attention @ value
        peak = correlation.amax(-1).transpose(1, 2)
        columns = torch.cat([own, brought, peak], dim=-1).transpose(1, 2)
        features: Tensor = self.join(
            torch.cat([self.correlation(correlation), self.content(columns)], dim=-1)
        )
        return features

    def forward(self, observation: Tensor, goal: Tensor) -> Tensor:
        query, _, _, own = self.project(observation)
        _, key, value, _ = self.project(goal)
        return self.relate(query, own, key, value)
