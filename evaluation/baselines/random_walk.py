"""A random walk with eyes: the learned safety, straight legs, random turns."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.baselines.memoryless_searcher import MemorylessSearcher
from cairn.evaluation.path_driver import TURN_RATE
from cairn.hardware.twist import Twist
from cairn.navigation.pose import wrap_angle
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_MEAN_LEG = 10.0  # [s]
_FACING = 0.5  # [rad]
_BLOCKED = 1.2  # [m] a sector with less free way is no direction to go


class RandomWalk(MemorylessSearcher):
    """Straight legs of exponential length in random headings; a blocked leg ends.

    Strong in small closed worlds: it covers ground quickly and never stops to think.
    """

    def __init__(self, policy: LatentGoalPolicy, threshold: float) -> None:
        super().__init__(policy, threshold)
        self._heading = 0.0
        self._leg_ends = -np.inf

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        super().begin(goal_image, seed, known_start=known_start)
        self._leg_ends = -np.inf

    def _explore(self, here: Embedding, stamp: float) -> Twist:
        error = wrap_angle(self._heading - self._driver.pose.yaw)
        facing, expired = abs(error) < _FACING, stamp >= self._leg_ends
        if facing:
            steering = self._driver.along(self._heading)
            if steering.twist.linear < 0 or not (expired or steering.blocked):
                return steering.twist
        # While it still turns towards a new leg it keeps to it: to draw again at each step is dithering.
        if facing or expired:
            self._heading = self._draw_heading()
            self._leg_ends = stamp + float(self._random.exponential(_MEAN_LEG))
            error = wrap_angle(self._heading - self._driver.pose.yaw)
            if abs(error) < _FACING:
                return self._driver.along(self._heading).twist
        return Twist(0.0, float(np.copysign(TURN_RATE, error)))

    def _draw_heading(self) -> float:
        """In view, in proportion to the free way there; without any free way, a random one behind."""
        headings, free = self._driver.free_ranges
        weights = np.clip(free.astype(float) - _BLOCKED, 0.0, None)
        if weights.sum() <= 0:
            return wrap_angle(self._driver.pose.yaw + float(self._random.uniform(pi / 2, 3 * pi / 2)))
        return wrap_angle(float(self._random.choice(headings, p=weights / weights.sum())))
