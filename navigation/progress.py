"""Is the robot getting anywhere?"""

from __future__ import annotations

_PATIENCE = 10.0
_HEADWAY = 0.5


class Progress:
    """Watches the remaining distance; no headway for ten seconds means stuck."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A new target."""
        self._purpose = ""
        self._best = float("inf")
        self._since = 0.0

    def is_stuck(self, purpose: str, remaining: float, now: float) -> bool:
        """One step with `remaining` metres to go at `now` [s]; a new purpose starts the watch afresh."""
        if purpose != self._purpose or remaining < self._best - _HEADWAY:
            self._purpose, self._best, self._since = purpose, remaining, now
        return now - self._since > _PATIENCE
