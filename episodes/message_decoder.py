"""Decode recorded messages without ROS, by the definitions that the bag itself carries."""

from __future__ import annotations

from typing import Any

from rosbags.serde import SerdeError
from rosbags.typesys import TypesysError, get_types_from_msg
from rosbags.typesys.store import Typestore

from cairn.episodes.bag_error import BagError
from cairn.episodes.topic import Topic


class MessageDecoder:
    """Decodes CDR by `ros2msg` definitions.

    `rosbags` does the work: a message is a dataclass with the fields of its .msg file and numeric arrays are
    numpy arrays, so that an image isn't copied number by number.  Nothing but what the bag carries decides
    the layout: a bag of an older message version is read as it was written.
    """

    def __init__(self) -> None:
        self._stores: dict[tuple[str, str], Typestore] = {}

    def decode(self, topic: Topic, data: bytes) -> Any:
        """The message as a dataclass.

        Args:
            topic: its type and definition say what the bytes mean.
            data: the message as CDR.

        Raises BagError when the bag has no definition of the type, or the data doesn't fit it.
        """
        key = (topic.type, topic.definition)
        if key not in self._stores:
            self._stores[key] = _store(topic)
        try:
            return self._stores[key].deserialize_cdr(data, topic.type)
        except (SerdeError, KeyError) as error:
            raise BagError(f"{len(data)} bytes on {topic.name} are no {topic.type}: {error}") from error


def _store(topic: Topic) -> Typestore:
    if not topic.definition:
        raise BagError(f"{topic.name} can't be decoded: the bag has no .msg definition of {topic.type}")
    store = Typestore()
    try:
        store.register(get_types_from_msg(topic.definition, topic.type))
    except TypesysError as error:
        raise BagError(f"the definition of {topic.type} can't be read: {error}") from error
    return store
