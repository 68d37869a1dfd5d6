"""Messages that hold until the next one comes: who joins later needs them as well."""

from __future__ import annotations

from collections.abc import Iterator

from cairn.episodes.episode_log import EVENT_TOPIC
from cairn.episodes.offered_qos import INFINITE
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.topic import Topic

_TRANSIENT_LOCAL = 1
_MAX_PUBLISHERS = 16
# Drivers publish it anew with every image, and yet it rarely changes and every image needs it.
_LATCHED_TYPES = frozenset({"sensor_msgs/msg/CameraInfo"})


def is_latched(topic: Topic) -> bool:
    """Whether the last message of a topic describes what holds now, as on /tf_static.

    A transient-local publisher says so, unless its messages expire, as those on /rosout do.  Episode events
    are no state: one that is told again would speak of another moment.
    """
    if topic.name.endswith(f"/{EVENT_TOPIC}"):
        return False
    return topic.type in _LATCHED_TYPES or any(
        offered.durability == _TRANSIENT_LOCAL and offered.lifespan in (INFINITE, (0, 0))
        for offered in topic.offered_qos
    )


class LatchedMessages:
    """The last message of each publisher of each topic that it is given.

    Of a topic whose publishers come and go only the newest few are kept.
    """

    def __init__(self) -> None:
        self._messages: dict[str, dict[bytes, ReceivedMessage]] = {}

    def __bool__(self) -> bool:
        return bool(self._messages)

    def __iter__(self) -> Iterator[ReceivedMessage]:
        """By topic, the longest known publisher first."""
        for messages in self._messages.values():
            yield from messages.values()

    def add(self, message: ReceivedMessage) -> None:
        """The message replaces the one that its publisher sent before."""
        messages = self._messages.setdefault(message.topic, {})
        messages.pop(message.publisher, None)
        messages[message.publisher] = message
        if len(messages) > _MAX_PUBLISHERS:
            del messages[next(iter(messages))]

    def clear(self) -> None:
        """Forget all."""
        self._messages.clear()
