"""A sensor without which the robot must not move."""

from __future__ import annotations

from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.silence_watchdog import SilenceWatchdog
from cairn.hardware.gate.stamp_filter import StampFilter


class WatchedSensor:
    """Stamps, arrival and content of one sensor.

    Args:
        name: e.g. "camera".
        stamps: the filter of its stamps.
        watchdog: the watchdog of its arrival; it is fed by accepted messages only.
        frozen_after: messages of the same content, in a row, that mean a frozen sensor; 0: content is
            not looked at.
    """

    def __init__(
        self, name: str, stamps: StampFilter, watchdog: SilenceWatchdog, frozen_after: int = 0
    ) -> None:
        self._stamps = stamps
        self._watchdog = watchdog
        self._frozen_after = frozen_after
        self._name = name
        self._content: int | None = None
        self._same = 0

    def observe(self, stamp: float, now: Instant, content: int | None = None) -> Rejection | None:
        """Take note of a message; `content` is a checksum of its data, where that can tell a frozen one."""
        rejection = self._stamps.check(stamp, now)
        if rejection is None and self._is_frozen(content):
            self._watchdog.condemn(f"{self._name} frozen: {self._same} times the same content", now.monotonic)
            rejection = Rejection.REPEATED
        if rejection is None:
            self._watchdog.feed(now.monotonic)
        else:
            self._watchdog.miss()
        return rejection

    def observe_invalid(self) -> None:
        """A message arrived whose content is of no use."""
        self._watchdog.miss()

    def fault(self, now: Instant) -> str | None:
        """Why the robot may not rely on this sensor, or None."""
        return self._watchdog.fault(now.monotonic)

    def forget_stamps(self) -> None:
        """Start the history of stamps anew, because the clock itself went back."""
        self._stamps.forget()

    def _is_frozen(self, content: int | None) -> bool:
        if not self._frozen_after or content is None:
            return False
        self._same = self._same + 1 if content == self._content else 1
        self._content = content
        return self._same >= self._frozen_after
