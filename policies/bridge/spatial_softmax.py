"""Where in the image each feature is."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SpatialSoftmax(nn.Module):
    """The mean position under the softmax of each map (Finn et al. 2016, section III-C).

    x runs along the width and y along the height, whatever their ratio: each axis has positions of its own.
    Older checkpoints of Bridge Data mixed the two up on maps that are not square.
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
        self.register_buffer("positions", torch.stack([x.flatten(), y.flatten()], dim=1), persistent=False)
        self.positions: Tensor

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (B, C, height, width) to (B, 2 C): x, y, x, y... in [-1, 1], right and down positive."""
        weights = torch.softmax(maps.flatten(2), dim=-1)
        return (weights @ self.positions).flatten(1)
