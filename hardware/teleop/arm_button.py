"""A button that must be held to arm the gate."""

from __future__ import annotations


class ArmButton:
    """Fires once when held for `hold` seconds; a slip of the thumb does nothing."""

    def __init__(self, hold: float = 1.0) -> None:
        self._hold = hold
        self._since: float | None = None
        self._has_fired = False

    def update(self, held: bool, now: float) -> bool:
        """Whether it fires at `now` [monotonic s]."""
        if not held:
            self._since, self._has_fired = None, False
            return False
        if self._since is None:
            self._since = now
        if self._has_fired or now - self._since < self._hold:
            return False
        self._has_fired = True
        return True
