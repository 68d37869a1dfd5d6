"""Windows of pictures, and what light and lens may do to them."""

from __future__ import annotations

from math import cos, pi, sin

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cairn.policies.bridge.train_settings import Augmentation

MIRRORED = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0])
"""An action's factors where left and right change places: y, roll and yaw turn round."""

_LUMA = (0.299, 0.587, 0.114)
# To luma and two axes of colour (YIQ), in which a change of hue is a rotation.
_YIQ = torch.tensor([_LUMA, (0.596, -0.274, -0.322), (0.211, -0.523, 0.312)])
_RGB = torch.linalg.inv(_YIQ)


class RandomWindow:
    """A window of a frame, drawn once and cut from any number of frames.

    Attributes:
        mirrored: whether left and right change places.
    """

    def __init__(
        self,
        frame: tuple[int, int],
        window: tuple[int, int],
        settings: Augmentation,
        rng: np.random.Generator,
    ) -> None:
        """Sizes are width and height [pixels]."""
        self._size = window
        scale = rng.uniform(*settings.scale)
        angle = rng.uniform(-settings.rotation, settings.rotation)
        self.mirrored = bool(settings.mirror and rng.random() < 0.5)
        spare = [max(0.0, whole - scale * part) for whole, part in zip(frame, window, strict=True)]
        left, top = (rng.uniform(0, one) for one in spare)
        self._whole = scale == 1.0 and angle == 0.0
        if self._whole:
            self._corner = round(left), round(top)
            return
        width, height = window
        turn = scale * np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
        centre = np.array([left + scale * width / 2, top + scale * height / 2]) - 0.5
        shift = centre - turn @ np.array([(width - 1) / 2, (height - 1) / 2])
        self._map = np.column_stack([turn, shift])

    def __call__(self, frame: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """`frame` (H, W, 3) into `out` (height, width, 3)."""
        if self._whole:
            left, top = self._corner
            width, height = self._size
            out[:] = frame[top : top + height, left : left + width]
        else:
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            cv2.warpAffine(
                frame, self._map, self._size, dst=out, flags=flags, borderMode=cv2.BORDER_REPLICATE
            )
        if self.mirrored:
            out[:] = out[:, ::-1].copy()


def centre_window(frame: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """As in use: the middle of a frame (H, W, 3), as a view."""
    top, left = (frame.shape[0] - height) // 2, (frame.shape[1] - width) // 2
    return frame[top : top + height, left : left + width]


def as_input(images: Tensor) -> Tensor:
    """uint8 (B, H, W, 3) to float (B, 3, H, W) in [-1, 1], channels last in memory."""
    return (images.float() / 127.5 - 1.0).permute(0, 3, 1, 2)


class RandomLight:
    """Brightness, contrast, saturation and hue, each picture on its own, all in one product of matrices."""

    def __init__(self, batch: int, settings: Augmentation, generator: torch.Generator) -> None:
        def uniform(largest: float) -> Tensor:
            return largest * (2 * torch.rand(batch, generator=generator) - 1)

        angle, saturation = 2 * pi * uniform(settings.hue), 1 + uniform(settings.saturation)
        self._contrast = (1 + uniform(settings.contrast))[:, None, None]
        self._brightness = 2 * uniform(settings.brightness)[:, None, None]  # of [-1, 1]
        turn = torch.zeros(batch, 3, 3)
        turn[:, 0, 0] = 1
        turn[:, 1, 1] = turn[:, 2, 2] = saturation * torch.cos(angle)
        turn[:, 1, 2], turn[:, 2, 1] = -saturation * torch.sin(angle), saturation * torch.sin(angle)
        self._colours = (_RGB @ turn @ _YIQ).transpose(1, 2) * self._contrast

    def __call__(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) in [-1, 1], as `as_input` lays it out; so is the result."""
        pixels = images.permute(0, 2, 3, 1).flatten(1, 2)
        mean = pixels[:, ::7].mean(dim=1, keepdim=True) @ torch.tensor(_LUMA)[:, None]
        shift = mean * (1 - self._contrast) + self._brightness
        changed = torch.baddbmm(shift.expand(-1, 1, 3), pixels, self._colours).clamp_(-1, 1)
        return changed.view(len(images), *images.shape[2:], 3).permute(0, 3, 1, 2)
