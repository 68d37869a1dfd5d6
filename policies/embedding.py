"""What an encoder keeps of one image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class Embedding:
    """One image as a latent goal policy remembers it; a few kilobytes, cached once per memory node.

    Attributes:
        descriptor: unit-norm float32, shape (D,): retrieval by inner product.
        tokens: float16, shape (T, C): what the pair model compares, image columns left to right.
        ranges: float32, shape (S,): predicted free distance [m] by equal sectors of the horizontal field
            of view, left to right.
    """

    descriptor: NDArray[np.float32]
    tokens: NDArray[np.float16]
    ranges: NDArray[np.float32]

    def __post_init__(self) -> None:
        for name, array, ndim in (
            ("descriptor", self.descriptor, 1),
            ("tokens", self.tokens, 2),
            ("ranges", self.ranges, 1),
        ):
            if array.ndim != ndim or array.size == 0:
                raise CairnError(f"{name} must be a non-empty array of {ndim} axes, got shape {array.shape}")
            if not np.isfinite(array).all():
                raise CairnError(f"{name} must be finite")
            array.setflags(write=False)
