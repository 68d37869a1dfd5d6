"""Approach the goal once it is recognised, and verify before declaring it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.baselines.sector_safety import SectorSafety
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.searcher import Observation
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_SEEK = 0.5  # calibrated probability above which the robot approaches
_DECLARE = 0.9
_NEAR = 1.5  # [m]
_FRAMES = 3


class GoalPursuit:
    """The recogniser's part of a search, the same for every method."""

    def __init__(self, policy: LatentGoalPolicy) -> None:
        self._policy = policy
        self._goal: Embedding | None = None
        self._agreeing = 0

    def begin(self, goal_image: NDArray[np.uint8]) -> None:
        self._goal = self._policy.encode(goal_image)
        self._agreeing = 0

    def step(self, here: Embedding, observation: Observation, safety: SectorSafety) -> Decision | None:
        """What to do about the goal; None while it is not in view."""
        if self._goal is None:
            return None
        seen = self._policy.compare(here, [self._goal])
        match, steps = float(seen.match[0]), float(seen.steps[0])
        if match < _SEEK:
            self._agreeing = 0
            return None
        self._agreeing = self._agreeing + 1 if match > _DECLARE and seen.distance[0] < _NEAR else 0
        if self._agreeing >= _FRAMES:
            return Decision(Twist(), Phase.REACHED, "the goal is here", steps, match, -1)
        action = self._policy.decode(here, seen.latent_mean)
        wanted = Twist(float(action.twist[0, 0]), float(action.twist[0, 1]))
        return Decision(
            safety.limit(wanted, here.ranges),
            Phase.VERIFYING if self._agreeing else Phase.SEEKING,
            "the goal is in view",
            steps,
            match,
            subgoal_node=-1,
            waypoints=action.waypoints[0],
            sector_ranges=here.ranges,
        )
