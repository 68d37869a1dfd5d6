"""Go and look where the goal is suspected, and declare it once it is confirmed."""

from __future__ import annotations

from math import inf

import numpy as np

from cairn.evaluation.baselines.local_driver import LocalDriver
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.goal_verifier import GoalEstimate, GoalVerifier, Verdict
from cairn.navigation.pose import wrap_angle
from cairn.navigation.searcher import Observation
from cairn.policies.embedding import Embedding
from cairn.policies.goal_recogniser import GoalRecogniser

_AT_THE_PLACE = 0.6  # [m]
_LOOK_FOR = 6.0  # [s] at the place before it is given up
_APPROACH_FOR = 60.0  # [s]
_TURN_RATE = 0.8  # [rad/s]


class GoalPursuit:
    """The recogniser's part of a search, the same for every baseline; the verifier is the explorer's own."""

    def __init__(self, threshold: float, driver: LocalDriver) -> None:
        """`threshold` of the match probability, from the bundle."""
        self._verifier = GoalVerifier(threshold)
        self._driver = driver
        self._since = self._arrived = inf

    def begin(self, recognise: GoalRecogniser) -> None:
        self._verifier.begin(recognise)
        self._since = self._arrived = inf

    def step(self, observation: Observation, here: Embedding) -> Decision | None:
        """What to do about the goal; None while nothing looks like it."""
        stamp = observation.stamp
        seen = self._verifier.update(observation.image, here, self._driver.pose)
        if seen.verdict is Verdict.CONFIRMED:
            return _decision(Twist(), Phase.REACHED, "the goal is here", seen)
        if seen.pose is None:
            self._since = self._arrived = inf
            return None
        self._since = min(self._since, stamp)
        if seen.distance < _AT_THE_PLACE:
            self._arrived = min(self._arrived, stamp)
        if stamp - self._since > _APPROACH_FOR or stamp - self._arrived > _LOOK_FOR:
            self._verifier.reject()
            self._since = self._arrived = inf
            return None
        if self._arrived < inf:
            error = wrap_angle(seen.pose.yaw - self._driver.pose.yaw)
            turn = Twist(0.0, float(np.clip(2 * error, -_TURN_RATE, _TURN_RATE)))
            return _decision(turn, Phase.VERIFYING, "is this the goal?", seen)
        twist = self._driver.towards(seen.pose.x, seen.pose.y).twist
        return _decision(twist, Phase.SEEKING, "the goal may be there", seen)


def _decision(twist: Twist, phase: Phase, reason: str, seen: GoalEstimate) -> Decision:
    return Decision(twist, phase, reason, seen.steps, seen.match, subgoal_node=-1)
