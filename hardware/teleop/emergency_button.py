"""From presses of a button to the state of an emergency stop."""

from __future__ import annotations


class EmergencyButton:
    """Pressed for at least `hold` seconds, so that no lost message hides a tap; then released for as long.

    Afterwards it says nothing, because others may publish the same switch and a steady "released" would
    contradict them; with `is_steady` it says "released" all the time, for a gate that waits for that.
    All times are monotonic seconds.
    """

    def __init__(self, hold: float = 0.5, is_steady: bool = False) -> None:
        self._hold = hold
        self._is_steady = is_steady
        self._last_pressed: float | None = None

    def update(self, pressed: bool, now: float) -> bool | None:
        """What to publish at `now`, None for nothing."""
        if pressed:
            self._last_pressed = now
        if self._last_pressed is not None:
            elapsed = now - self._last_pressed
            if elapsed < self._hold:
                return True
            if elapsed < 2 * self._hold:
                return False
        return False if self._is_steady else None
