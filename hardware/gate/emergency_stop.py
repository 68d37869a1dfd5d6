"""The emergency stop: latches until a person re-arms."""

from __future__ import annotations


class EmergencyStop:
    """Latched by a press until `release`.

    Args:
        timeout: silence of the switch's topic that stops the robot [monotonic s]; 0: silence is fine.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._last: float | None = None
        self._pressed = False
        self._latched = False

    @property
    def is_latched(self) -> bool:
        return self._latched

    @property
    def is_pressed(self) -> bool:
        return self._pressed

    def update(self, pressed: bool, now: float) -> None:
        """The state of the switch arrived, at `now` [monotonic s]."""
        self._last = now
        self._pressed = pressed
        self._latched = self._latched or pressed

    def release(self) -> None:
        """Release the latch, unless the switch is still pressed."""
        self._latched = self._pressed

    def silence(self, now: float) -> str | None:
        """What is wrong with the switch's topic at `now` [monotonic s], or None."""
        if not self._timeout:
            return None
        if self._last is None:
            return "emergency stop switch not seen yet"
        silent = now - self._last
        return f"emergency stop switch silent for {silent:.2f} s" if silent > self._timeout else None
