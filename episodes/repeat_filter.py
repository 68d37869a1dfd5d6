"""Tell messages that are repeated at the start of a file from their originals."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from cairn.episodes.latched_state import holds_on
from cairn.episodes.mcap_source import BagMessage

_REMEMBERED = 1024


class RepeatFilter:
    """Recognises a message that was there before, by its publish time, its number and its bytes.

    Each file of a split bag, and each bag that was cut, repeats at its start what is latched, so that it can
    stand alone.  Read one after the other they tell it several times.  Of each topic the newest 1024 messages
    are remembered: what is repeated is never older than that, except on topics that tell nothing else.

    Attributes:
        found: repeats so far.
    """

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[bytes, int]] = {}
        self.found = 0

    def is_repeat(self, message: BagMessage) -> bool:
        """Whether the next message, in the order of time, is known already; else it is from now on."""
        if not holds_on(message.topic):
            return False
        seen = self._seen.setdefault(message.topic.name, OrderedDict())
        head = f"{message.publish_time} {message.sequence} ".encode()
        key = hashlib.sha256(head + message.data).digest()
        if seen.setdefault(key, message.log_time) != message.log_time:
            self.found += 1
            return True
        if len(seen) > _REMEMBERED:
            seen.popitem(last=False)
        return False
