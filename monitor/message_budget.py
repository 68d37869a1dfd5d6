"""How many messages a page may send."""

from __future__ import annotations


class MessageBudget:
    """A bucket that fills at `rate` a second up to `burst`; each message takes one out."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._last: float | None = None

    def spend(self, now: float) -> bool:
        """Whether one more message at `now` [monotonic s] is within the budget."""
        if self._last is not None:
            self._left = min(self._burst, self._left + self._rate * (now - self._last))
        self._last = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
