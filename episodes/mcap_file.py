"""One MCAP file while it is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mcap.well_known import MessageEncoding, Profile, SchemaEncoding
from mcap.writer import CompressionType, Writer

from cairn.episodes.bag_error import BagError
from cairn.episodes.offered_qos import dump_offered_qos
from cairn.episodes.recording_lock import hold_lock
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic

_COMPRESSIONS = {"zstd": CompressionType.ZSTD, "lz4": CompressionType.LZ4, "none": CompressionType.NONE}


class McapFile:
    """Writes topics and messages to a new file, as rosbag2's MCAP plugin would.

    The file is locked (flock) until it is closed, so that nobody repairs a bag that is still being written.
    Every method may raise OSError when the disk is full or gone; the file then ends with a cut record and
    wants `abandon`, not `close`.
    """

    def __init__(self, path: Path, options: StorageOptions) -> None:
        self._output = _WholeWrites(path)
        self._writer = Writer(
            self._output,  # type: ignore[arg-type]
            chunk_size=options.chunk_kb * 1024,
            compression=_COMPRESSIONS[options.compression],
        )
        self._writer.start(profile=Profile.ROS2, library="cairn")
        self._schemas: dict[tuple[str, str], int] = {}
        self._channels: dict[str, int] = {}

    @property
    def size(self) -> int:
        """Bytes handed to the operating system so far."""
        return self._output.tell()

    def add_topic(self, topic: Topic) -> None:
        """Register a topic; its messages may follow."""
        key = (topic.type, topic.definition)
        if key not in self._schemas:
            encoding = SchemaEncoding.ROS2 if topic.definition else ""
            self._schemas[key] = self._writer.register_schema(
                topic.type, encoding, topic.definition.encode("utf-8")
            )
        self._channels[topic.name] = self._writer.register_channel(
            topic.name, MessageEncoding.CDR, self._schemas[key], channel_metadata(topic)
        )

    def add_message(self, topic: str, data: bytes, log_time: int, publish_time: int, sequence: int) -> None:
        """Append a serialised message; times in [ns]."""
        self._writer.add_message(self._channels[topic], log_time, data, publish_time, sequence)

    def add_attachment(self, name: str, media_type: str, data: bytes, time: int) -> None:
        """Append a named piece of data that is no message; `time` in [ns]."""
        self._writer.add_attachment(time, time, name, media_type, data)

    def add_metadata(self, name: str, entries: Mapping[str, str]) -> None:
        """Append named key-value pairs."""
        self._writer.add_metadata(name, dict(entries))

    def flush(self) -> None:
        """Put everything so far on the disk itself: neither kill -9 nor a lost battery takes it back."""
        self._writer.flush()  # type: ignore[no-untyped-call]
        self._output.sync()

    def close(self) -> None:
        """Write the index and close.  The file is complete."""
        self._writer.finish()  # type: ignore[no-untyped-call]
        self._output.sync()
        self._output.close()

    def abandon(self) -> None:
        """Close without an index, after an OSError."""
        self._output.close()


def channel_metadata(topic: Topic) -> dict[str, str]:
    """What rosbag2 keeps with a channel."""
    return {
        "offered_qos_profiles": dump_offered_qos(topic.offered_qos),
        "topic_type_hash": topic.type_hash,
    }


class _WholeWrites:
    """A new locked file whose `write` writes all or raises.

    It doesn't buffer: after an error a buffered file would keep, and later try again, what no longer
    belongs to the file.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        try:
            hold_lock(self._file)
        except OSError as error:
            raise BagError(f"{path} can't be locked: {error}") from error
        self._size = 0

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        while rest:
            written = self._file.write(rest)
            self._size += written
            rest = rest[written:]
        return len(data)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing waits here."""

    def sync(self) -> None:
        os.fdatasync(self._file.fileno())

    def close(self) -> None:
        self._file.close()
