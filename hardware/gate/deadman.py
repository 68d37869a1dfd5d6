"""The switch that a person holds while the robot may move."""

from __future__ import annotations


class Deadman:
    """Pressed only by a fresh press: after start and after each loss a release must be seen first.

    All times are monotonic seconds.

    Args:
        timeout: silence that counts as loss (battery, radio, cable) [s].
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._last: float | None = None
        self._pressed = False
        self._released_before = False
        self._was_lost = False

    @property
    def is_pressed(self) -> bool:
        """What the switch said last, where that counted."""
        return self._pressed

    def lost(self, now: float) -> str | None:
        """That it was lost while pressed, until it is pressed afresh; None otherwise."""
        if self._is_lost(now):
            self._forget()
        return "the deadman switch was lost while it was held: press it afresh" if self._was_lost else None

    def lose(self) -> None:
        """Whoever held it went out of sight."""
        self._was_lost = True
        self._pressed = self._released_before = False

    def excuse(self) -> None:
        """A person has seen that it was lost."""
        self._was_lost = False

    def update(self, pressed: bool, now: float) -> None:
        """The state of the switch arrived."""
        if self._is_lost(now):
            self._forget()
        self._last = now
        if not pressed:
            self._released_before = True
        self._pressed = pressed and self._released_before
        self._was_lost = self._was_lost and not self._pressed

    def fault(self, now: float) -> str | None:
        """Why the robot may not move, or None."""
        if self._last is None:
            return "deadman switch not seen yet"
        if self._is_lost(now):
            self._forget()
            return f"deadman switch silent for {now - self._last:.2f} s"
        if self._pressed:
            return None
        return "deadman switch not pressed" if self._released_before else "deadman switch needs a fresh press"

    def _is_lost(self, now: float) -> bool:
        return self._last is not None and now - self._last > self._timeout

    def _forget(self) -> None:
        self._was_lost = self._was_lost or self._pressed
        self._pressed = False
        self._released_before = False
