"""Notices that something which must arrive regularly has ceased."""

from __future__ import annotations


class SilenceWatchdog:
    """Healthy while messages keep arriving; healthy again only after several good ones in a row.

    All times are monotonic seconds.

    Args:
        name: what is watched, for the reason, e.g. "camera".
        timeout: longest acceptable silence [s].
        resume_after: good messages in a row that end a fault, the first one at start included.
    """

    def __init__(self, name: str, timeout: float, resume_after: int = 1) -> None:
        self._timeout = timeout
        self._resume_after = resume_after
        self._name = name
        self._last: float | None = None
        self._streak = 0
        self._healthy = False
        self._condemned: str | None = None

    def feed(self, now: float) -> None:
        """A good message arrived."""
        if self._is_silent(now):
            self._fail()
        self._last = now
        self._streak += 1
        if self._streak >= self._resume_after:
            self._healthy = True
            self._condemned = None

    def miss(self) -> None:
        """A bad message arrived: it doesn't end a silence, and a row of good ones starts again."""
        if not self._healthy:
            self._streak = 0

    def condemn(self, reason: str, now: float) -> None:
        """A message arrived which shows that the sender can't be trusted."""
        self._last = now
        self._fail()
        self._condemned = reason

    def fault(self, now: float) -> str | None:
        """What is wrong, or None."""
        if self._last is None:
            return f"{self._name} not seen yet"
        if self._is_silent(now):
            self._fail()
            return f"{self._name} silent for {now - self._last:.2f} s"
        if self._healthy:
            return None
        if self._condemned is not None:
            return self._condemned
        return f"{self._name} resumes: {self._streak} of {self._resume_after} good messages"

    def _is_silent(self, now: float) -> bool:
        return self._last is not None and now - self._last > self._timeout

    def _fail(self) -> None:
        self._healthy = False
        self._streak = 0
