"""RECON's exploration without its graph: a fresh sample of the prior every few steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.baselines.memoryless_searcher import MemorylessSearcher
from cairn.hardware.twist import Twist
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_HOLD_STEPS = 20  # H of RECON's algorithm


class PriorSampling(MemorylessSearcher):
    """z ~ N(0, I), decoded closed loop for H steps, then the next; nothing says where it has been."""

    def __init__(self, policy: LatentGoalPolicy, threshold: float) -> None:
        super().__init__(policy, threshold)
        self._latent = np.zeros((1, policy.latent_size), np.float32)
        self._left = 0

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        super().begin(goal_image, seed, known_start=known_start)
        self._left = 0

    def _explore(self, here: Embedding, stamp: float) -> Twist:
        if self._left == 0:
            self._latent = self._random.standard_normal((1, self._policy.latent_size)).astype(np.float32)
            self._left = _HOLD_STEPS
        self._left -= 1
        return self._driver.follow(self._policy.decode(here, self._latent))
