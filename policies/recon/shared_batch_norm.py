"""Batch normalisation over the images of all processes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cairn.policies.recon.ranks import Ranks


class SharedBatchNorm(nn.BatchNorm2d):
    """What a `BatchNorm2d` makes of the whole batch, of which each process has a part, perhaps none of it.

    `torch.nn.SyncBatchNorm` does so on GPUs alone.

    Args:
        norm: whose parameters and statistics are taken over, not copied.
    """

    def __init__(self, norm: nn.BatchNorm2d, ranks: Ranks) -> None:
        super().__init__(norm.num_features, norm.eps, norm.momentum)
        self.weight, self.bias = norm.weight, norm.bias
        self.running_mean, self.running_var = norm.running_mean, norm.running_var
        self.num_batches_tracked = norm.num_batches_tracked
        self._ranks = ranks

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        pixels = x.new_tensor([x.numel() / x.shape[1]])
        sums = self._ranks.sum(torch.cat([x.sum((0, 2, 3)), pixels]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        off = x - mean[:, None, None]
        variance = self._ranks.sum(off.square().sum((0, 2, 3))) / count
        self._remember(mean, variance * count / (count - 1))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return off * scale[:, None, None] + self.bias[:, None, None]

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
        self.num_batches_tracked += 1


def share_batch_norms(module: nn.Module, ranks: Ranks) -> None:
    """Put a `SharedBatchNorm` in the place of each batch normalisation below `module`."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, SharedBatchNorm(child, ranks))
        else:
            share_batch_norms(child, ranks)
