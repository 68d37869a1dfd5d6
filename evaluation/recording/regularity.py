"""How regularly a topic's messages came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FEWEST = 16
_MOST_SPREAD = 2.5  # 90th percentile over median of the intervals; above it a topic has no rhythm
_GAP = 3.0  # times the period
_SHORTEST_GAP = 0.25  # [s]
_SHORTEST_SILENCE = 1.0  # [s] at the end, where nodes stop one after the other


@dataclass(frozen=True)
class Regularity:
    """The rhythm of a topic.

    Attributes:
        rate: mean outside the gaps [Hz].
        gaps: (from, to) where messages failed to come for three periods and a quarter second [s].
    """

    rate: float
    gaps: tuple[tuple[float, float], ...]


def regularity(times: NDArray[np.float64], end: float) -> Regularity | None:
    """The rhythm of messages at `times`, sorted, shape (n,) [s]; None where they have none.

    A topic that falls silent before `end` [s] has a gap there.
    """
    if len(times) < _FEWEST:
        return None
    intervals = np.diff(times)
    period = float(np.median(intervals))
    if period <= 0.0 or np.percentile(intervals, 90) > _MOST_SPREAD * period:
        return None
    limit = max(_GAP * period, _SHORTEST_GAP)
    places = np.flatnonzero(intervals > limit)
    flowing = np.delete(intervals, places)
    gaps = [(float(times[place]), float(times[place + 1])) for place in places]
    if end - times[-1] > max(limit, _SHORTEST_SILENCE):
        gaps.append((float(times[-1]), end))
    return Regularity(1.0 / float(flowing.mean()), tuple(gaps))
