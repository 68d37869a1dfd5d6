"""What every baseline without a map shares."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.baselines.escape import Escape
from cairn.evaluation.baselines.goal_pursuit import GoalPursuit
from cairn.evaluation.baselines.sector_safety import SectorSafety
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.searcher import Observation, Searcher
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy


class MemorylessSearcher(Searcher):
    """Explores as `_explore` says until the shared recogniser sees the goal, then approaches and verifies.

    Recogniser, approach, verification and recovery are the same in every method that is compared, so that
    only the way of exploring differs.
    """

    def __init__(self, policy: LatentGoalPolicy) -> None:
        self._policy = policy
        self._pursuit = GoalPursuit(policy)
        self._random = np.random.default_rng(0)
        self._escape = Escape(self._random)
        self._safety: SectorSafety | None = None

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        self._random = np.random.default_rng([seed, 31])
        self._escape = Escape(self._random)
        self._pursuit.begin(goal_image)

    def step(self, observation: Observation) -> Decision:
        here = self._policy.encode(observation.image)
        if self._safety is None:
            self._safety = SectorSafety(here.ranges.size, self._policy.horizontal_fov)
        pursued = self._pursuit.step(here, observation, self._safety)
        if pursued is not None and pursued.phase is Phase.REACHED:
            return pursued
        escaping = self._escape.twist(observation)
        if escaping is not None:
            return Decision(escaping, Phase.RECOVERING, "hit something", sector_ranges=here.ranges)
        if pursued is not None:
            return pursued
        twist = self._explore(here, observation, self._safety)
        return Decision(twist, Phase.EXPLORING, sector_ranges=here.ranges)

    @abstractmethod
    def _explore(self, here: Embedding, observation: Observation, safety: SectorSafety) -> Twist:
        """Where to go while the goal is not in view."""
