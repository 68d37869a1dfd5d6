"""A policy that reaches image goals through a latent goal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cairn.policies.action import Action
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.goal_recogniser import GoalRecogniser


class LatentGoalPolicy(ABC):
    """RECON's interface (Shah et al., CoRL 2021): encode once, compare and decode cheaply.

    Late-fusion models cache `Embedding`s of memory nodes.  An implementation is deterministic.
    """

    @property
    @abstractmethod
    def rate(self) -> float:
        """Control steps per second the policy was trained at."""

    @property
    @abstractmethod
    def latent_size(self) -> int:
        """Z, the width of the latent goal."""

    @property
    @abstractmethod
    def horizontal_fov(self) -> float:
        """Degrees spanned by `Embedding.ranges`."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """sha256 of the encoder: embeddings of different fingerprints must never be compared."""

    @abstractmethod
    def encode(self, image: NDArray[np.uint8]) -> Embedding:
        """One RGB image, uint8 (height, width, 3), any size: resized as in training."""

    @abstractmethod
    def compare(self, observation: Embedding, goals: Sequence[Embedding]) -> Comparison:
        """The observation against each goal; `goals` may be empty."""

    @abstractmethod
    def decode(self, observation: Embedding, latents: NDArray[np.float32]) -> Action:
        """What to do here for each latent, shape (N, Z)."""

    def recogniser(self, photo: NDArray[np.uint8]) -> GoalRecogniser:
        """For one goal photo, RGB uint8 (height, width, 3)."""
        return GoalRecogniser(self, photo)
