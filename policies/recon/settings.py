"""Sizes of a RECON model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cairn.hardware.errors import CairnError

EncoderKind = Literal["compact", "mobilenet"]
Fusion = Literal["late", "early"]


@dataclass(frozen=True)
class ModelSettings:
    """What a checkpoint needs to be rebuilt.

    Attributes:
        image_height, image_width: pixels of the policy's view; multiples of 16 and 8.
        encoder: "compact" (residual, 0.5 M parameters) or "mobilenet" (inverted residuals, as the paper's).
        fusion: "late" compares cached tokens; "early" stacks both images to six channels, as in the paper.
        channels: C, width of a token.
        latent_size: Z.
        sectors: S, of the range head; a multiple of the number of columns.
        waypoints: W, one a control step.
    """

    image_height: int = 64
    image_width: int = 128
    encoder: EncoderKind = "compact"
    fusion: Fusion = "late"
    channels: int = 128
    descriptor_size: int = 128
    latent_size: int = 32
    sectors: int = 32
    waypoints: int = 5
    width: float = 1.0

    def __post_init__(self) -> None:
        if self.image_height % 16 or self.image_width % 8:
            raise CairnError(
                f"image_height must be a multiple of 16 and image_width of 8, got {self.image_height}, "
                f"{self.image_width}"
            )
        if self.sectors % self.columns:
            raise CairnError(f"sectors must be a multiple of {self.columns}, got {self.sectors}")

    @property
    def columns(self) -> int:
        """T, tokens an image: one for every eight pixel columns."""
        return self.image_width // 8


# Upper edges of the temporal-distance bins in control steps; the last is open.
STEP_EDGES = (1.5, 2.5, 3.5, 5.5, 7.5, 10.5, 14.5, 19.5, 25.5, 33.5, 44.5)
STEP_CENTRES = (1.0, 2.0, 3.0, 4.5, 6.5, 9.0, 12.5, 17.0, 22.5, 29.5, 39.0, 55.0)
