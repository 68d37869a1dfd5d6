"""Makes and serialises messages, without ROS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from cairn.episodes.topic import Topic

SECOND = 1_000_000_000


class MessageFactory:
    """Of the common ROS 2 types and those given.

    Args:
        definitions: further types by name, e.g. those of `cairn_interfaces`, which need not be installed
            where data sets are converted.
    """

    def __init__(self, definitions: Mapping[str, str]) -> None:
        self._definitions = definitions

    @cached_property
    def _store(self) -> Typestore:
        store = get_typestore(Stores.ROS2_HUMBLE)
        for name, definition in self._definitions.items():
            store.register(get_types_from_msg(definition, name))
        return store

    def topic_of(self, name: str, type_name: str) -> Topic:
        """A topic with the definition of its type."""
        definition, _ = self._store.generate_msgdef(type_name, ros_version=2)
        return Topic(name, type_name, definition, type_hash=self._store.hash_rihs01(type_name))

    def serialise(self, message: Any) -> bytes:
        """The message as CDR."""
        return bytes(self._store.serialize_cdr(message, message.__msgtype__))

    def make(self, type_name: str, *values: Any) -> Any:
        """A message of its fields' values in their order."""
        return self._store.types[type_name](*values)

    def header(self, stamp: int, frame: str) -> Any:
        """std_msgs/Header; stamp [ns]."""
        time = self.make("builtin_interfaces/msg/Time", stamp // SECOND, stamp % SECOND)
        return self.make("std_msgs/msg/Header", time, frame)
