"""The last seconds, kept in memory in case they turn out to matter."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from cairn.episodes.latched_messages import LatchedMessages
from cairn.episodes.received_message import ReceivedMessage


@dataclass(frozen=True)
class Snapshot:
    """What a ring held at one moment.

    Attributes:
        latched: what held when the first of `messages` came.
        messages: in the order received.
    """

    latched: tuple[ReceivedMessage, ...]
    messages: tuple[ReceivedMessage, ...]


class SnapshotRing:
    """Keeps what came in the last `seconds`, and less where that exceeds `max_bytes`.

    Age is measured on the monotonic clock, so that no jump of a simulated one empties or freezes the ring.
    It belongs to the thread that receives.

    Args:
        seconds: how far back it reaches [s]; 0 keeps nothing.
        max_bytes: bound on the messages' content; older ones give way.
    """

    def __init__(self, seconds: float, max_bytes: int) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._messages: deque[tuple[float, ReceivedMessage, bool]] = deque()
        self._bytes = 0
        self._latched = LatchedMessages()

    @property
    def enabled(self) -> bool:
        """Whether it keeps anything."""
        return self._seconds > 0.0

    @property
    def bytes(self) -> int:
        """Size of what it holds."""
        return self._bytes

    def add(self, message: ReceivedMessage, latched: bool = False) -> None:
        """A message came; one that is `latched` goes on to hold after it has left the ring."""
        if not self.enabled:
            return
        now = time.monotonic()
        self._messages.append((now, message, latched))
        self._bytes += len(message.data)
        while self._messages and (
            self._bytes > self._max_bytes or self._messages[0][0] < now - self._seconds
        ):
            _, oldest, held = self._messages.popleft()
            self._bytes -= len(oldest.data)
            if held:
                self._latched.add(oldest)

    def snapshot(self) -> Snapshot:
        """What it holds; it goes on."""
        oldest = time.monotonic() - self._seconds
        messages = [entry for entry in self._messages]
        recent = tuple(message for came, message, _ in messages if came >= oldest)
        latched = LatchedMessages()
        for message in self._latched:
            latched.add(message)
        for came, message, held in messages:
            if held and came < oldest:
                latched.add(message)
        return Snapshot(tuple(latched), recent)
