"""Back off after a hit and turn to somewhere else."""

from __future__ import annotations

import numpy as np

from cairn.hardware.twist import Twist
from cairn.navigation.searcher import Observation

_BACK_SECONDS = 1.5
_TURN_RATE = 1.0  # [rad/s]


class Escape:
    """Blind recovery: reverse, then turn on the spot by a random angle."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._back_until = -np.inf
        self._turn_until = -np.inf
        self._side = 1.0
        self.reversing = False

    def twist(self, observation: Observation) -> Twist | None:
        """What to do now, None when free."""
        now = observation.stamp
        if observation.collided and now >= self._back_until:
            self._back_until = now + _BACK_SECONDS
            self._turn_until = self._back_until + float(self._random.uniform(0.8, 2.4))
            self._side = float(self._random.choice((-1.0, 1.0)))
        self.reversing = now < self._back_until
        if self.reversing:
            return Twist(-0.4, 0.0)
        if now < self._turn_until:
            return Twist(0.0, self._side * _TURN_RATE)
        return None
