"""ResNet-34 (He et al. 2016) without its classifier."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
OUTPUTS = STAGES[-1][0]

Norm = Callable[[int], nn.Module]
Strides = tuple[int, int, int, int, int]


class _Block(nn.Module):
    def __init__(
        self, inputs: int, outputs: int, stride: int, norm: Norm, activation: type[nn.Module]
    ) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            norm(outputs),
            activation(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            norm(outputs),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(outputs))
        self.activation = activation()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.body(x) + self.shortcut(x))
        return out


class ResNet34(nn.Module):
    """Images (B, channels, H, W) to maps (B, 512, H / s, W / s), s being the product of the strides.

    Args:
        strides: of the first convolution, of the pooling after it, and of stages 2 to 4.
        norm: makes a normalisation for so many channels.
    """

    def __init__(
        self,
        channels: int,
        strides: Strides = (2, 2, 2, 2, 2),
        norm: Norm = nn.BatchNorm2d,
        activation: type[nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        first, pool, *later = strides
        layers: list[nn.Module] = [
            nn.Conv2d(channels, STAGES[0][0], 7, first, 3, bias=False),
            norm(STAGES[0][0]),
            activation(),
            nn.MaxPool2d(3, pool, 1),
        ]
        width = STAGES[0][0]
        for (outputs, blocks), stride in zip(STAGES, (1, *later), strict=True):
            for block in range(blocks):
                layers.append(_Block(width, outputs, stride if block == 0 else 1, norm, activation))
                width = outputs
        self.layers = nn.Sequential(*layers)
        self.stride = first * pool * later[0] * later[1] * later[2]
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.layers(images)
        return maps
