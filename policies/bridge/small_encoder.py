"""An encoder that trains on two CPU cores."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cairn.policies.bridge.spatial_softmax import SpatialSoftmax

_GROUPS = 4
_KEYPOINTS = 32


class SmallEncoder(nn.Module):
    """Task-conditioned features of an image (B, 3, H, W): what is there, and where.

    A coarse first convolution, so that little is computed on many pixels; the task scales and shifts
    channels (FiLM, Perez et al. 2018) before keypoints are looked for at a quarter of the resolution.
    """

    def __init__(self, height: int, width: int, channels: int, tasks: int) -> None:
        """`channels` at an eighth of the resolution, and a third of them at a quarter."""
        super().__init__()
        wide, narrow = channels, channels // 3
        self.stem = nn.Sequential(nn.Conv2d(3, narrow, 8, 4, 2), _norm(narrow), nn.ReLU())
        self.fine = _Residual(narrow)
        self.down = nn.Sequential(nn.Conv2d(narrow, wide, 3, 2, 1), _norm(wide), nn.ReLU())
        self.coarse = nn.ModuleList([_Residual(wide), _Residual(wide)])
        self.conditions = nn.ModuleList([_Condition(tasks, wide), _Condition(tasks, wide)])
        self.lateral = nn.Conv2d(narrow, _KEYPOINTS, 1)
        self.top = nn.Conv2d(wide, _KEYPOINTS, 1)
        self.where = SpatialSoftmax(height // 4, width // 4)
        self.what = nn.Linear(wide, _KEYPOINTS)
        self.outputs = 3 * _KEYPOINTS + tasks

    def forward(self, images: Tensor, task: Tensor) -> Tensor:
        """`task` one-hot, (B, tasks); returns (B, `outputs`)."""
        fine = self.fine(self.stem(images))
        coarse = self.down(fine)
        for block, condition in zip(self.coarse, self.conditions, strict=True):
            coarse = block(condition(coarse, task))
        maps = self.lateral(fine) + F.interpolate(self.top(coarse), size=fine.shape[2:], mode="nearest")
        return torch.cat([self.where(maps), torch.relu(self.what(coarse.mean((2, 3)))), task], dim=1)


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1), _norm(channels), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out


class _Condition(nn.Module):
    """Changes nothing until it is trained."""

    def __init__(self, tasks: int, channels: int) -> None:
        super().__init__()
        self.scale_and_shift = nn.Linear(tasks, 2 * channels)
        nn.init.zeros_(self.scale_and_shift.weight)
        nn.init.zeros_(self.scale_and_shift.bias)

    def forward(self, x: Tensor, task: Tensor) -> Tensor:
        scale, shift = self.scale_and_shift(task)[:, :, None, None].chunk(2, dim=1)
        out: Tensor = x * (1 + scale) + shift
        return out


def _norm(channels: int) -> nn.Module:
    return nn.GroupNorm(_GROUPS, channels)
