"""What may differ between two pictures of one place."""

from __future__ import annotations

import torch
from torch import Tensor


def photometric(images: Tensor, generator: torch.Generator) -> Tensor:
    """Exposure, colour cast, contrast and noise, each image on its own; (B, 3, H, W) in [0, 1]."""
    batch = len(images)

    def uniform(low: float, high: float, channels: int = 1) -> Tensor:
        return low + (high - low) * torch.rand(batch, channels, 1, 1, generator=generator)

    gamma = torch.exp(uniform(-0.35, 0.35))
    images = images.clamp(1e-3, 1).pow(gamma) * uniform(0.75, 1.25) * uniform(0.88, 1.12, 3)
    mean = images.mean((1, 2, 3), keepdim=True)
    images = (images - mean) * uniform(0.75, 1.2) + mean
    noise = torch.randn(images.shape, generator=generator) * uniform(0.0, 0.03)
    return (images + noise).clamp(0, 1)
