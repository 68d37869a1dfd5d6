"""Between the thread that receives and the thread that writes."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class MessageQueue(Generic[Item]):
    """First in, first out, bounded by bytes and never blocking the side that puts."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._items: deque[tuple[Item, int]] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = Condition()

    @property
    def bytes(self) -> int:
        """Size of what waits."""
        with self._changed:
            return self._bytes

    def put(self, item: Item, size: int = 0) -> bool:
        """Append `item` of `size` bytes; False, and nothing kept, when it is closed or has no room for it."""
        with self._changed:
            if self._closed or (size and self._bytes + size > self._max_bytes):
                return False
            self._items.append((item, size))
            self._bytes += size
            self._changed.notify()
            return True

    def get(self, timeout: float) -> Item | None:
        """The oldest item, waiting at most `timeout` seconds; None when there is none."""
        with self._changed:
            if not self._items and not self._closed and timeout > 0.0:
                self._changed.wait(timeout)
            if not self._items:
                return None
            item, size = self._items.popleft()
            self._bytes -= size
            return item

    def close(self) -> None:
        """Take nothing more; what is in it can still be taken out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def drained(self) -> bool:
        """Closed, and everything taken out."""
        with self._changed:
            return self._closed and not self._items
