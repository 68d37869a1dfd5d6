"""Read ahead in a thread, so that the disk and the decompressor make nobody wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Condition, Thread

from cairn.episodes.mcap_source import BagMessage
from cairn.hardware.errors import CairnError

_MOST_BYTES = 64 << 20
_MOST_MESSAGES = 5000


class Prefetch:
    """Messages of an iterable, a few seconds ahead of whoever takes them.

    An error of the iterable is raised to the one who takes, after the messages before it.
    """

    def __init__(self, messages: Iterable[BagMessage]) -> None:
        self._messages = messages
        self._changed = Condition()
        self._waiting: deque[BagMessage] = deque()
        self._bytes = 0
        self._ended = False
        self._error: CairnError | None = None
        Thread(target=self._read, name="bag-reader", daemon=True).start()

    def peek(self) -> BagMessage | None:
        """The next message, None at the end.  Waits for the disk.  Raises CairnError for a damaged bag."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if self._waiting:
                return self._waiting[0]
            if self._error is not None:
                raise self._error
            return None

    def take(self) -> None:
        """Drop the message that `peek` returned."""
        with self._changed:
            self._bytes -= len(self._waiting.popleft().data)
            self._changed.notify_all()

    def close(self) -> None:
        """Read no further."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _read(self) -> None:
        try:
            for message in self._messages:
                with self._changed:
                    self._changed.wait_for(self._has_room)
                    if self._ended:
                        return
                    self._waiting.append(message)
                    self._bytes += len(message.data)
                    self._changed.notify_all()
        except CairnError as error:
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._ended or (self._bytes < _MOST_BYTES and len(self._waiting) < _MOST_MESSAGES)
