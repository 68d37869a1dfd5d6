"""The last seconds of one stream, to be asked for any moment in them."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from cairn.episodes.alignment import Method, StreamAlignment

Value = TypeVar("Value")

CAPACITY = 20_000
"""Samples kept at most, whatever their stamps say: more than a second of any sensor."""


class StreamBuffer(Generic[Value]):
    """Samples of one stream in the order of their stamps.

    Args:
        alignment: how to answer.
        interpolate: the value a share in [0, 1] of the way from one to another; needed for INTERPOLATE.
    """

    def __init__(
        self,
        alignment: StreamAlignment,
        interpolate: Callable[[Value, Value, float], Value] | None = None,
    ) -> None:
        self._alignment = alignment
        self._interpolate = interpolate
        self._samples: deque[tuple[float, Value]] = deque(maxlen=CAPACITY)

    def add(self, stamp: float, value: Value) -> bool:
        """Add a sample; False, and not added, when its stamp is not after the one before."""
        if self._samples and stamp <= self._samples[-1][0]:
            return False
        self._samples.append((stamp, value))
        return True

    @property
    def newest(self) -> float:
        """Stamp of the newest sample [s]; minus infinity without any."""
        return self._samples[-1][0] if self._samples else float("-inf")

    def at(self, stamp: float) -> tuple[Value, float] | None:
        """The value for a moment and how far from it [s] the nearest sample is; None beyond tolerance."""
        samples = self._samples
        place = bisect_right(samples, stamp, key=lambda sample: sample[0])
        before = samples[place - 1] if place else None
        after = samples[place] if place < len(samples) else None
        if self._alignment.method is Method.HOLD:
            after = None
        choices = [(abs(found[0] - stamp), found) for found in (before, after) if found is not None]
        if not choices:
            return None
        error, (_, value) = min(choices, key=lambda choice: choice[0])
        if error > self._alignment.tolerance:
            return None
        wanted = self._alignment.method is Method.INTERPOLATE and self._interpolate is not None
        if wanted and before is not None and after is not None and error > 0.0:
            assert self._interpolate is not None
            share = (stamp - before[0]) / (after[0] - before[0])
            value = self._interpolate(before[1], after[1], share)
        return value, error

    def within(self, start: float, end: float) -> list[Value]:
        """Values of the samples after `start` and up to `end` [s]."""
        return [value for stamp, value in self._samples if start < stamp <= end]

    def forget_before(self, stamp: float) -> None:
        """Give up all samples before a moment but the latest of them."""
        while len(self._samples) > 1 and self._samples[1][0] <= stamp:
            self._samples.popleft()
