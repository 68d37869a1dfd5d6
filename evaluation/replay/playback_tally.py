"""What was published, how late, and what was not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np


class PlaybackTally:
    """Figures of a playback.

    Attributes:
        published: messages by recorded topic.
        failed: messages that could not be published, by recorded topic.
        unpublishable: why a topic can't be published at all, by its name.
        unacknowledged: topics whose last messages a reliable subscriber did not acknowledge.
    """

    def __init__(self) -> None:
        self.published: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.unpublishable: dict[str, str] = {}
        self.unacknowledged: list[str] = []
        self._lateness: list[float] = []

    def note(self, topic: str, lateness: float) -> None:
        """A message went out, so many seconds after it was due."""
        self.published[topic] += 1
        self._lateness.append(max(lateness, 0.0))

    @property
    def lost(self) -> int:
        """Messages known not to have been published."""
        return sum(self.failed.values())

    @property
    def is_complete(self) -> bool:
        """Nothing that was to be published is known to be lost."""
        return not (self.failed or self.unpublishable or self.unacknowledged)

    def as_json(self) -> dict[str, Any]:
        """Lateness in milliseconds."""
        late = np.array(self._lateness) * 1e3 if self._lateness else np.zeros(1)
        median, slow = np.percentile(late, [50, 99])
        return {
            "messages": sum(self.published.values()),
            "topics": dict(sorted(self.published.items())),
            "lost": self.lost,
            "failed": dict(self.failed),
            "unpublishable": self.unpublishable,
            "unacknowledged": sorted(self.unacknowledged),
            "lateness_ms": {
                "p50": round(float(median), 3),
                "p99": round(float(slow), 3),
                "max": round(float(late.max()), 3),
            },
        }

    def __str__(self) -> str:
        figures = self.as_json()
        late = figures["lateness_ms"]
        text = (
            f"{figures['messages']} messages on {len(self.published)} topics, {self.lost} lost; late by "
            f"{late['p50']:.1f} ms (median), {late['p99']:.1f} ms (99 %), {late['max']:.1f} ms (worst)"
        )
        if self.unacknowledged:
            text += (
                f"; not acknowledged by every reliable subscriber: {', '.join(sorted(self.unacknowledged))}"
            )
        return text
