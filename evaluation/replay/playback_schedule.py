"""When a recorded moment is due again."""

from __future__ import annotations

_JUMP = 1_000_000_000  # [ns] back in the recording, from which it is another recording's time


class PlaybackSchedule:
    """Ties the recording's time [ns] to a monotonic clock [s], at a rate, with pauses.

    A recording whose time goes back by more than a second goes on from there; by less, what comes late is
    due at once.

    Args:
        rate: recorded seconds a second.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._anchor: tuple[int, float] | None = None
        self._latest = 0
        self._paused_at: float | None = None

    @property
    def is_paused(self) -> bool:
        """Whether time stands still."""
        return self._paused_at is not None

    def due(self, recorded: int, now: float) -> float:
        """When a recorded moment is due [s]; the first that is asked for is due now."""
        if self._anchor is None or recorded < self._latest - _JUMP:
            self._anchor, self._latest = (recorded, now), recorded
        self._latest = max(self._latest, recorded)
        return self._anchor[1] + (recorded - self._anchor[0]) * 1e-9 / self._rate

    def recorded(self, now: float) -> int:
        """The recorded moment that is due at `now`; 0 before the first."""
        if self._anchor is None:
            return 0
        moment = now if self._paused_at is None else self._paused_at
        return self._anchor[0] + round((moment - self._anchor[1]) * self._rate * 1e9)

    def pause(self, now: float) -> None:
        """Let time stand still.  Does nothing while it does already."""
        if self._paused_at is None:
            self._paused_at = now

    def resume(self, now: float) -> None:
        """Let time go on where it stood still."""
        if self._paused_at is not None and self._anchor is not None:
            self._anchor = (self._anchor[0], self._anchor[1] + now - self._paused_at)
        self._paused_at = None

    def restart(self) -> None:
        """The next moment asked for is due at once."""
        self._anchor = None
