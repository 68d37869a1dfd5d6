"""What to do after touching something: back off, turn away."""

from __future__ import annotations

import numpy as np

from cairn.hardware.twist import Twist


class Recovery:
    """A queue of blind twists, one a control step; kept short because nothing looks while it runs."""

    def __init__(self, rate: float, seed: int) -> None:
        self._rate = rate
        self._random = np.random.default_rng(seed)
        self._twists: list[Twist] = []

    @property
    def is_active(self) -> bool:
        return bool(self._twists)

    def begin(self, forward: bool) -> None:
        """Move off the way the robot came: backwards when it was driving `forward`."""
        back = Twist(-0.4 if forward else 0.3, 0.0)
        side = float(self._random.choice((-1.0, 1.0)))
        turn = [Twist(0.0, side * 0.9)] * round(self._random.uniform(0.5, 1.5) * self._rate)
        self._twists = [back] * round(1.25 * self._rate) + turn

    def next(self) -> Twist:
        """The next twist; IndexError when not active."""
        return self._twists.pop(0)

    def cancel(self) -> None:
        self._twists = []
