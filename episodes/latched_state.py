"""What the latched topics of a bag tell at a moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from cairn.episodes.bag_error import BagError
from cairn.episodes.latched_messages import is_latched
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.message_decoder import MessageDecoder
from cairn.episodes.offered_qos import OfferedQos
from cairn.episodes.topic import Topic

_KEEP_LAST = 1
_TRANSIENT_LOCAL = 1
_TRANSFORMS = "tf2_msgs/msg/TFMessage"
_LATCHED_BY_CUSTOM = ("tf_static", "robot_description")


def holds_on(topic: Topic) -> bool:
    """Whether a message of the topic counts until the next one comes.

    A bag that doesn't know what was offered is taken to follow ROS's customs.
    """
    by_custom = not topic.offered_qos and topic.name.rsplit("/", 1)[-1] in _LATCHED_BY_CUSTOM
    return by_custom or is_latched(topic)


class LatchedState:
    """Keeps, of topics that hold on, what counts after the newest message added.

    A bag doesn't say who published a message.  Of transforms the newest message of each child frame counts;
    of any other topic as many messages as its publishers keep, one each where the bag doesn't know (DDS
    discovery tells no depth).
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._decoder = MessageDecoder()
        self._transforms: dict[str, dict[str, BagMessage]] = {}
        self._newest: dict[str, deque[BagMessage]] = {
            topic.name: deque(maxlen=_depth(topic)) for topic in topics if holds_on(topic)
        }

    @property
    def topics(self) -> list[str]:
        """Names of the topics that hold on."""
        return list(self._newest)

    @property
    def messages(self) -> list[BagMessage]:
        """What counts now, topic by topic in the order received."""
        kept: list[BagMessage] = []
        for name, newest in sorted(self._newest.items()):
            # One message may bring several frames.
            found = {id(message): message for message in self._transforms.get(name, {}).values()}
            kept += [*newest, *sorted(found.values(), key=lambda message: message.log_time)]
        return kept

    def add(self, message: BagMessage) -> None:
        """Take in the next message of one of `topics`."""
        name = message.topic.name
        if message.topic.type == _TRANSFORMS:
            # What can't be decoded is kept as any other topic is.
            with suppress(BagError, AttributeError):
                for transform in self._decoder.decode(message.topic, message.data).transforms:
                    self._transforms.setdefault(name, {})[transform.child_frame_id] = message
                return
        self._newest[name].append(message)


def _depth(topic: Topic) -> int:
    return sum(_kept_by(offer) for offer in topic.offered_qos) or 1


def _kept_by(offer: OfferedQos) -> int:
    keeps_last = (offer.history, offer.durability) == (_KEEP_LAST, _TRANSIENT_LOCAL)
    return max(1, offer.depth) if keeps_last else 1
