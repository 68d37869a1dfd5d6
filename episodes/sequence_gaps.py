"""Find lost messages by the numbers that their publisher gave them."""

from __future__ import annotations

_MOST_RESTARTS = 3


class SequenceGaps:
    """Counts the messages of one topic that were published but are not in the bag.

    A bag doesn't say who published a message.  The numbers of one publisher only grow; where they fall more
    often than a node is restarted, several publish, and nobody can tell what is missing.
    """

    def __init__(self) -> None:
        self._last = 0
        self._missing = 0
        self._restarts = 0

    @property
    def missing(self) -> int | None:
        """How many are missing so far, None where several publish."""
        return None if self._restarts > _MOST_RESTARTS else self._missing

    def add(self, sequence: int) -> int:
        """How many are missing just before the message of this number; 0 stands for no number."""
        if not sequence or sequence == self._last:  # a latched message is repeated in each file of a bag
            return 0
        gap = sequence - self._last - 1 if self._last else 0
        self._restarts += gap < 0
        self._last = sequence
        self._missing += max(0, gap)
        return max(0, gap)
