"""Hear a regular topic miss a beat."""

from __future__ import annotations

_LEARNING = 10
_SHARE = 0.1
_BROKEN = 2.5
_REGULAR = 0.5


class TopicRhythm:
    """Counts silences on a topic that was regular before.

    Where the middleware doesn't number messages, as in ROS 2 Humble, this is the only sign of a loss; it
    can't say how many messages were lost.  A topic whose intervals scatter by more than half of their mean
    has no rhythm to break.

    Attributes:
        gaps: intervals longer than two and a half of the usual ones.
    """

    def __init__(self) -> None:
        self.gaps = 0
        self._seen = 0
        self._mean = 0.0
        self._scatter = 0.0

    def add(self, interval: float) -> None:
        """The time since the message before [s]; 0 or less when there was none or the clock jumped."""
        if interval <= 0.0:
            return
        if self._seen >= _LEARNING and self._scatter < _REGULAR * self._mean:
            longest = _BROKEN * self._mean
            self.gaps += interval > longest
            interval = min(interval, longest)  # a lasting change of rate is learned, one silence is not
        self._seen += 1
        share = max(_SHARE, 1.0 / self._seen)
        if self._seen > 1:
            self._scatter += share * (abs(interval - self._mean) - self._scatter)
        self._mean += share * (interval - self._mean)
