"""From a free-running sensor clock to system time."""

from __future__ import annotations

from collections import deque

_WINDOW = 10.0
_JUMP = 1.0
_STEP = 1e-4


class SensorClock:
    """Maps sensor stamps to system time by the least delay seen of late.

    A frame arrives after its exposure plus a delay that varies with the load of the machine; the least
    `arrival - stamp` of the last 10 s is the best estimate of the clocks' offset (a crystal's 50 ppm moves
    it by .5 ms in that time).  What comes out never goes back and never lies in the future.
    """

    def __init__(self) -> None:
        self._delays: deque[tuple[float, float]] = deque()
        self._last = float("-inf")

    def to_system(self, stamp: float, arrival: float) -> float:
        """System time of the sensor's `stamp` of a frame that arrived at system time `arrival` [s]."""
        delay = arrival - stamp
        # The sensor was restarted, a recording began again, or somebody set the wall clock.
        if self._delays and abs(delay - self._delays[0][1]) > _JUMP:
            self._delays.clear()
            self._last = float("-inf")
        while self._delays and self._delays[-1][1] >= delay:
            self._delays.pop()
        self._delays.append((arrival, delay))
        while self._delays[0][0] < arrival - _WINDOW:
            self._delays.popleft()
        self._last = min(arrival, max(stamp + self._delays[0][1], self._last + _STEP))
        return self._last
