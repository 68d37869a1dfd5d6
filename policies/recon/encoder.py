"""From an image to column tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cairn.policies.recon.settings import ModelSettings


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class _InvertedResidual(nn.Module):
    """MobileNetV2's block (Sandler et al., CVPR 2018): expand, depthwise, project."""

    def __init__(self, channels: int, expansion: int = 4) -> None:
        super().__init__()
        hidden = channels * expansion
        self.body = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        joined: Tensor = x + self.body(x)
        return joined


def _down(inputs: int, outputs: int, kernel: int, stride: tuple[int, int]) -> nn.Sequential:
    padding = (kernel - 1) // 2
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Encoder(nn.Module):
    """Image (B, channels_in, H, W) in [0, 1] → tokens (B, W/8, C).

    The width is reduced by 8 and the height collapsed: a token looks into one direction, as a column of
    the cylindrical view does, so that a turn of the robot shifts tokens sideways.
    """

    def __init__(self, settings: ModelSettings, channels_in: int = 3) -> None:
        super().__init__()
        a, b, c = (round(width * settings.width / 8) * 8 for width in (32, 64, 96))
        block = _Residual if settings.encoder == "compact" else _InvertedResidual
        self.features = nn.Sequential(
            nn.Conv2d(channels_in, a, 7, 4, 3, bias=False),
            nn.BatchNorm2d(a),
            nn.ReLU(inplace=True),
            block(a),
            _down(a, b, 3, (2, 2)),
            block(b),
            block(b),
            _down(b, c, 3, (2, 1)),
            block(c),
            block(c),
        )
        self.columns = nn.Conv2d(c, settings.channels, (settings.image_height // 16, 1))
        self.norm = nn.LayerNorm(settings.channels)

    def forward(self, image: Tensor) -> Tensor:
        columns = self.columns(self.features(image * 2.0 - 1.0)).squeeze(2)
        tokens: Tensor = self.norm(columns.transpose(1, 2))
        return tokens
