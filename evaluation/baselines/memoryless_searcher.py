"""What every baseline without a map shares."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.baselines.escape import Escape
from cairn.evaluation.baselines.goal_pursuit import GoalPursuit
from cairn.evaluation.baselines.local_driver import LocalDriver
from cairn.evaluation.path_driver import CRUISE_SPEED
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.searcher import Observation, Searcher
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy


class MemorylessSearcher(Searcher):
    """Explores as `_explore` says until the shared recogniser suspects the goal, then goes and looks.

    Recogniser, approach, verification and recovery are the same in every method that is compared, so that
    only the way of exploring differs.
    """

    def __init__(self, policy: LatentGoalPolicy, threshold: float) -> None:
        """`threshold` of the match probability, from the bundle."""
        self._policy = policy
        self._driver = LocalDriver(policy.horizontal_fov, CRUISE_SPEED)
        self._pursuit = GoalPursuit(threshold, self._driver)
        self._random = np.random.default_rng(0)
        self._escape = Escape(self._random)

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        self._random = np.random.default_rng([seed, 31])
        self._escape = Escape(self._random)
        self._driver.begin()
        self._pursuit.begin(self._policy.recogniser(goal_image))

    def step(self, observation: Observation) -> Decision:
        here = self._policy.encode(observation.image)
        self._driver.look(observation, here, self._escape.reversing)
        pursued = self._pursuit.step(observation, here)
        if pursued is not None and pursued.phase is Phase.REACHED:
            return pursued
        escaping = self._escape.twist(observation)
        if escaping is not None:
            return Decision(escaping, Phase.RECOVERING, "hit something", sector_ranges=here.ranges)
        if pursued is not None:
            return pursued
        twist = self._explore(here, observation.stamp)
        return Decision(twist, Phase.EXPLORING, sector_ranges=here.ranges)

    @abstractmethod
    def _explore(self, here: Embedding, stamp: float) -> Twist:
        """Where to go while the goal is not in view."""
