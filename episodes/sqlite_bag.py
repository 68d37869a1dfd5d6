"""Read the sqlite3 bags of older rosbag2."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rosbags.rosbag2 import Reader
from rosbags.rosbag2.errors import ReaderError
from rosbags.typesys import Stores, TypesysError, get_typestore

from cairn.episodes.bag_error import BagError
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.message_decoder import MessageDecoder
from cairn.episodes.topic import Topic


class SqliteBag:
    """A rosbag2 directory with .db3 files, or such a file in its directory; offers what `BagReader` does.

    Bags from before Jazzy carry no message definitions: the standard messages are then known as Humble had
    them, other types can't be decoded.

    Raises BagError when it can't be read.
    """

    metadata: Mapping[str, Mapping[str, str]] = {}
    """sqlite3 bags keep no key-value records of ours."""

    def __init__(self, path: Path) -> None:
        self._path = path.parent if path.is_file() else path
        self._decoder = MessageDecoder()
        with self._opened() as reader:
            self.time_range = (reader.start_time, max(reader.start_time, reader.end_time - 1))
            self.topics: dict[str, tuple[Topic, int]] = {}
            for connection in reader.connections:
                topic = Topic(connection.topic, connection.msgtype, _definition(connection))
                self.topics[topic.name] = (topic, connection.msgcount)

    def messages(
        self, topics: Collection[str] | None = None, start: int | None = None, end: int | None = None
    ) -> Iterator[BagMessage]:
        """Messages of `topics` (None: of all) by log time, from `start` to before `end` [ns].

        Raises BagError for a topic that the bag lacks, and when the file is damaged.
        """
        if unknown := sorted(set(topics or ()) - self.topics.keys()):
            raise BagError(
                f"no topic {', '.join(unknown)} in the bag; it has {', '.join(sorted(self.topics))}"
            )
        with self._opened() as reader:
            wanted = [found for found in reader.connections if topics is None or found.topic in topics]
            try:
                for connection, time, data in reader.messages(wanted, start, end) if wanted else ():
                    yield BagMessage(self.topics[connection.topic][0], time, time, 0, bytes(data))
            except (ReaderError, sqlite3.Error) as error:
                raise BagError(f"{self._path} is damaged: {error}") from error

    def decode(self, message: BagMessage) -> Any:
        """The message as a dataclass with the fields of its .msg file.  Raises BagError when it can't be."""
        return self._decoder.decode(message.topic, message.data)

    @contextmanager
    def _opened(self) -> Iterator[Reader]:
        try:
            reader = Reader(self._path)
            reader.open()
        # The reader lets through what YAML and sqlite3 raise on damaged files.
        except Exception as error:
            raise BagError(f"{self._path} can't be read as a sqlite3 bag: {error}") from error
        try:
            yield reader
        finally:
            reader.close()


def _definition(connection: Any) -> str:
    """The definition the bag carries, else that of Humble; empty where neither is known."""
    carried = getattr(connection.msgdef, "data", "")
    if carried:
        return str(carried)
    if not re.fullmatch(r"\w+/msg/\w+", connection.msgtype):
        return ""
    try:
        return str(get_typestore(Stores.ROS2_HUMBLE).generate_msgdef(connection.msgtype, ros_version=2)[0])
    except (TypesysError, KeyError):
        return ""
