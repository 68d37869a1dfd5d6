"""Who drives, and what their hands say now."""

from __future__ import annotations

import threading

from cairn.hardware.gate.deadman import Deadman
from cairn.monitor.errors import PageRefused
from cairn.monitor.hands import Hands
from cairn.monitor.visitor import Visitor

STOP_HELD = 0.5
"""How long a tap on the emergency stop counts as pressed [s], so that no lost message loses it."""
LOST_HELD = 0.5
"""How long the loss of a held deadman is told [s], so that no lost message makes it a letting go."""


class ControlDesk:
    """One seat.  Whoever sits drives while the deadman is held, and by fresh messages only.

    A page that leaves, falls silent or becomes late while it holds the deadman has not let go of it: its
    hands are lost.

    Pages call it from the server's thread, the node from its own.  All times are monotonic seconds.

    Args:
        deadman_timeout: silence of the page that releases the deadman [s].
        longest_delay: round trip beyond which what a page says is too old to drive by [s].
    """

    def __init__(self, deadman_timeout: float, longest_delay: float) -> None:
        self._timeout = deadman_timeout
        self._longest_delay = longest_delay
        self._lock = threading.Lock()
        self._holder: Visitor | None = None
        self._stop_until = self._lost_until = float("-inf")
        self._clear()

    def _clear(self) -> None:
        self._deadman = Deadman(self._timeout)
        self._hands = Hands()
        self._moved: float | None = None
        self._delay = 0.0

    @property
    def holder(self) -> Visitor | None:
        """Who sits at the desk."""
        with self._lock:
            return self._holder

    @property
    def delay(self) -> float:
        """Round trip to the holder's page and back, at its last message [s]."""
        with self._lock:
            return self._delay

    def take(self, visitor: Visitor, now: float) -> None:
        """Sit down.  Raises PageRefused while somebody else holds the deadman."""
        with self._lock:
            if self._holder == visitor:
                return
            if self._holder is not None and self._fault(now) is None:
                raise PageRefused(f"{self._holder.name} is driving; ask again once the deadman is released")
            self._holder = visitor
            self._clear()

    def leave(self, visitor: Visitor, now: float) -> None:
        """Get up; nothing happens when somebody else sits there."""
        with self._lock:
            if self._holder == visitor:
                self._lose(now)
                self._holder = None
                self._clear()

    def move(self, visitor: Visitor, hands: Hands, delay: float, now: float) -> None:
        """The hands of a page, that took `delay` [s] to see the robot and answer.

        Raises PageRefused from a page that does not have control.
        """
        with self._lock:
            if self._holder != visitor:
                holder = "nobody" if self._holder is None else self._holder.name
                raise PageRefused(f"these hands don't have control: {holder} has it")
            self._fault(now)
            if delay > self._longest_delay:
                # When the link is quick again, it takes a fresh press.
                self._lose(now)
            else:
                self._deadman.update(hands.deadman, now)
            self._hands, self._moved, self._delay = hands, now, delay

    def lose(self, visitor: Visitor, now: float) -> None:
        """The page can't see the hands any more; nothing happens when somebody else sits there."""
        with self._lock:
            if self._holder == visitor:
                self._lose(now)

    def press_stop(self, now: float) -> None:
        """The emergency stop, from any page: stopping needs no control."""
        with self._lock:
            self._stop_until = now + STOP_HELD
            self._deadman = Deadman(self._timeout)

    def obstacle(self, now: float) -> str | None:
        """Why the page does not drive, or None while the deadman is held."""
        with self._lock:
            return self._obstacle(now)

    def hands(self, now: float) -> Hands | None:
        """What to tell the robot; None while nobody is there to tell anything."""
        with self._lock:
            pressed = now < self._stop_until
            obstacle = self._obstacle(now)
            lost = now < self._lost_until
            if lost or pressed or obstacle is not None:
                at_rest = Hands(emergency_stop=pressed, lost=lost)
                return at_rest if lost or pressed or self._is_alive(now) else None
            return self._hands

    def _is_alive(self, now: float) -> bool:
        return self._holder is not None and self._moved is not None and now - self._moved <= self._timeout

    def _obstacle(self, now: float) -> str | None:
        if self._holder is None:
            return "nobody has control"
        if self._moved is not None and self._delay > self._longest_delay:
            return f"the link is {self._delay:.1f} s late"
        return self._fault(now)

    def _fault(self, now: float) -> str | None:
        """Why the deadman does not count, or None; here a silence is noticed."""
        was_held = self._deadman.is_pressed
        fault = self._deadman.fault(now)
        if fault is not None and was_held:
            self._lost_until = now + LOST_HELD
        return fault

    def _lose(self, now: float) -> None:
        if self._deadman.is_pressed:
            self._lost_until = now + LOST_HELD
        self._deadman = Deadman(self._timeout)
