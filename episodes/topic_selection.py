"""Which topics to record."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


class TopicSelection:
    """Chooses topics by name or pattern, as in a shell: `*` stands for anything, `?` for one character.

    A name without a leading slash is taken in `namespace`, as ROS does: in /jackal, `sensors/*` is
    `/jackal/sensors/*`.  Hidden topics (a part of the name starts with `_`) are chosen by exact name only.
    """

    def __init__(self, wanted: Iterable[str], excluded: Iterable[str] = (), namespace: str = "/") -> None:
        self._wanted = [_absolute(pattern, namespace) for pattern in wanted if pattern]
        self._excluded = [_absolute(pattern, namespace) for pattern in excluded if pattern]

    def matches(self, topic: str) -> bool:
        """Whether to record the topic of this absolute name."""
        if _any_matches(self._excluded, topic):
            return False
        if any(part.startswith("_") for part in topic.split("/")):
            return topic in self._wanted
        return _any_matches(self._wanted, topic)


def _absolute(pattern: str, namespace: str) -> str:
    return pattern if pattern.startswith("/") else f"{namespace.rstrip('/')}/{pattern}"


def _any_matches(patterns: Iterable[str], topic: str) -> bool:
    return any(fnmatchcase(topic, pattern) for pattern in patterns)
