"""Random actions, correlated in time."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.baselines.memoryless_searcher import MemorylessSearcher
from cairn.hardware.twist import Twist
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_CORRELATION_TIME = 4.0  # [s]
_MEAN = np.array([0.8, 0.0])  # [m/s, rad/s]
_SPREAD = np.array([0.3, 0.6])
_LOWEST, _HIGHEST = np.array([0.0, -1.0]), np.array([1.2, 1.0])


class RandomActions(MemorylessSearcher):
    """RECON's random baseline: an Ornstein-Uhlenbeck process over twists that looks at nothing."""

    def __init__(self, policy: LatentGoalPolicy, threshold: float) -> None:
        super().__init__(policy, threshold)
        self._deviation = np.zeros(2)
        self._keep = exp(-1.0 / (policy.rate * _CORRELATION_TIME))

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        super().begin(goal_image, seed, known_start=known_start)
        self._deviation = self._random.normal(0.0, _SPREAD)

    def _explore(self, here: Embedding, stamp: float) -> Twist:
        fresh = self._random.normal(0.0, _SPREAD)
        self._deviation = self._keep * self._deviation + sqrt(1 - self._keep**2) * fresh
        linear, angular = np.clip(_MEAN + self._deviation, _LOWEST, _HIGHEST)
        return Twist(float(linear), float(angular))
