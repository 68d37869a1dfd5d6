"""How far a step may go."""

from __future__ import annotations

import numpy as np

from cairn.hardware.arm.hand_step import HandStep

_SAVED = 1.5  # of a longest step: who comes a little late now and a little early then loses nothing


class StepBudget:
    """Keeps the hand's target below its speeds whatever the rate of the steps.

    Args:
        linear, angular: greatest speeds [m/s, rad/s].
        longest: time that one step may make up for [s].
    """

    def __init__(self, linear: float, angular: float, longest: float) -> None:
        self._linear = linear
        self._angular = angular
        self._longest = longest
        self._saved = longest
        self._last: float | None = None

    def spend(self, step: HandStep, now: float) -> HandStep:
        """As much of a finite step as may be taken at `now` [monotonic s]."""
        if self._last is not None:
            self._saved = min(_SAVED * self._longest, self._saved + now - self._last)
        self._last = now
        seconds = min(self._saved, self._longest)
        taken = step.limited(self._linear * seconds, self._angular * seconds)
        self._saved -= max(
            float(np.linalg.norm(taken.translation)) / self._linear,
            float(np.linalg.norm(taken.rotation)) / self._angular,
        )
        return taken
