"""A random walk with eyes: the learned safety, straight legs, random turns."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.baselines.memoryless_searcher import MemorylessSearcher
from cairn.evaluation.baselines.sector_safety import SectorSafety
from cairn.evaluation.path_driver import CRUISE_SPEED, TURN_RATE
from cairn.hardware.twist import Twist
from cairn.navigation.pose import wrap_angle
from cairn.navigation.searcher import Observation
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_MEAN_LEG = 10.0  # [s]
_BLOCKED = 1.2  # [m]
_SHARP = 0.6  # [rad] above which the robot turns on the spot


class RandomWalk(MemorylessSearcher):
    """Straight legs of exponential length in random headings; a blocked leg ends.

    Strong in small closed worlds: it covers ground quickly and never stops to think.
    """

    def __init__(self, policy: LatentGoalPolicy) -> None:
        super().__init__(policy)
        self._heading = 0.0
        self._leg_ends = -np.inf

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        super().begin(goal_image, seed, known_start=known_start)
        self._leg_ends = -np.inf

    def _explore(self, here: Embedding, observation: Observation, safety: SectorSafety) -> Twist:
        yaw, now = observation.odometry.yaw, observation.stamp
        error = wrap_angle(self._heading - yaw)
        in_view = abs(error) <= float(safety.bearings.max())
        blocked = in_view and safety.free_ahead(here.ranges, error) < _BLOCKED
        if now >= self._leg_ends or blocked:
            self._heading = self._draw_heading(here, yaw, safety)
            self._leg_ends = now + float(self._random.exponential(_MEAN_LEG))
            error = wrap_angle(self._heading - yaw)
        turn = float(np.clip(2 * error, -TURN_RATE, TURN_RATE))
        wanted = Twist(0.0 if abs(error) > _SHARP else CRUISE_SPEED, turn)
        return safety.limit(wanted, here.ranges)

    def _draw_heading(self, here: Embedding, yaw: float, safety: SectorSafety) -> float:
        """In view, in proportion to the free way there; without any free way, a random one behind."""
        free = np.array([safety.free_ahead(here.ranges, float(bearing)) for bearing in safety.bearings])
        weights = np.clip(free - _BLOCKED, 0.0, None)
        if weights.sum() <= 0:
            return wrap_angle(yaw + float(self._random.uniform(pi / 2, 3 * pi / 2)))
        return wrap_angle(yaw + float(self._random.choice(safety.bearings, p=weights / weights.sum())))
