"""Choose one image for each tick of time."""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple

from cairn.episodes.alignment import Method, StreamAlignment
from cairn.episodes.picture import Picture

_SLACK = 1e-3  # of a period: stamps of today in seconds are rounded to a quarter of a microsecond


class Frame(NamedTuple):
    """An image, when it was taken [s], when it was logged [ns], and its distance from its tick [s]."""

    stamp: float
    picture: Picture
    log_time: int
    error: float = 0.0


class FrameSampler:
    """Thins images to `rate` a second: of each tick the nearest, or with HOLD the latest not after it.

    Ticks begin at the first image.  An image serves one tick at most, so that no step repeats another.
    """

    def __init__(self, rate: float, alignment: StreamAlignment) -> None:
        self._rate = rate
        self._alignment = alignment
        self._origin = 0.0
        self._tick = 0
        self._last: Frame | None = None

    def add(self, frame: Frame) -> Frame | None:
        """The image before, where it is the one for a tick.  Stamps must grow."""
        last, self._last = self._last, frame
        if last is None:
            self._origin = frame.stamp
            return None
        if self._alignment.method is Method.HOLD:
            end = ceil(self._ticks(frame.stamp) - _SLACK) - 1
        else:
            end = floor((self._ticks(last.stamp) + self._ticks(frame.stamp)) / 2)
        return self._serve(last, end)

    def finish(self) -> Frame | None:
        """The last image, where a tick is left for it."""
        last, self._last = self._last, None
        if last is None:
            return None
        place = self._ticks(last.stamp)
        # A later image would have been nearer to a tick that lies well after the end.
        return self._serve(last, floor(place + 0.25))

    def _serve(self, frame: Frame, end: int) -> Frame | None:
        """Give the free ticks up to `end` to a frame; the frame, if there is one that is near enough."""
        place = self._ticks(frame.stamp)
        hold = self._alignment.method is Method.HOLD
        start, self._tick = self._tick, max(self._tick, end + 1)
        best = max(start, ceil(place - _SLACK) if hold else min(round(place), end))
        error = abs(best - place) / self._rate
        if best > end or error > self._alignment.tolerance:
            return None
        return frame._replace(error=error)

    def _ticks(self, stamp: float) -> float:
        return (stamp - self._origin) * self._rate
