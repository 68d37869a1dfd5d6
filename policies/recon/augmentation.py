"""What may differ between two pictures of one place."""

from __future__ import annotations

import torch
from torch import Tensor


def photometric(
    images: Tensor, generator: torch.Generator, share: range | None = None, total: int | None = None
) -> Tensor:
    """Exposure, colour cast, contrast and noise, each image on its own; (B, 3, H, W) in [0, 1].

    Where `images` are those at `share` of a batch of `total`, numbers are drawn for all of it.
    """
    share, total = share or range(len(images)), total or len(images)
    own = slice(share.start, share.stop)

    def uniform(low: float, high: float, channels: int = 1) -> Tensor:
        return low + (high - low) * torch.rand(total, channels, 1, 1, generator=generator)[own]

    gamma = torch.exp(uniform(-0.35, 0.35))
    images = images.clamp(1e-3, 1).pow(gamma) * uniform(0.75, 1.25) * uniform(0.88, 1.12, 3)
    mean = images.mean((1, 2, 3), keepdim=True)
    images = (images - mean) * uniform(0.75, 1.2) + mean
    noise = torch.randn(total, *images.shape[1:], generator=generator)[own] * uniform(0.0, 0.03)
    return (images + noise).clamp(0, 1)
