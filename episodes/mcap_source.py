"""Read one MCAP file, by its index where it has one, and to the cut where it has none."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from mcap.exceptions import McapError
from mcap.reader import make_reader
from mcap.records import Attachment as AttachmentRecord
from mcap.records import Channel, Chunk, Message, Schema
from mcap.stream_reader import breakup_chunk
from mcap.well_known import SchemaEncoding

from cairn.episodes.bag_error import BagError
from cairn.episodes.mcap_records import RecordPlace, is_finalised, read_body
from cairn.episodes.mcap_scan import McapScan, scan_mcap
from cairn.episodes.offered_qos import load_offered_qos
from cairn.episodes.provenance import Attachment
from cairn.episodes.topic import Topic


@dataclass(frozen=True)
class BagMessage:
    """A recorded message.

    Attributes:
        topic: what it was published on, with its type and definition.
        log_time: when it was received [ns].
        publish_time: when it was published [ns].
        sequence: its number in the publisher's count, 0 when unknown.
        data: the message as CDR.
    """

    topic: Topic
    log_time: int
    publish_time: int
    sequence: int
    data: bytes


class McapSource:
    """One storage file of a bag.

    Attributes:
        complete: it was closed properly.
        topics: by name, with the number of messages.
        time_range: earliest and latest log time [ns]; (0, 0) without messages.
        metadata: key-value pairs by the name of their record; of records of one name the last counts.
        damaged_chunks: chunks left out because they can't be read (known for cut files only).

    Raises BagError when the file can't be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.damaged_chunks = 0
        self._scan: McapScan | None = None
        try:
            self.complete = is_finalised(path)
            if self.complete:
                self._open_by_index()
            else:
                self._open_by_scan()
        except (McapError, OSError, struct.error, UnicodeDecodeError) as error:
            raise BagError(f"{path} can't be read: {error}") from error

    def _open_by_index(self) -> None:
        with self._path.open("rb") as stream:
            reader = make_reader(stream)
            summary = reader.get_summary()
            if summary is None or summary.statistics is None:
                raise BagError(f"{self._path} has no statistics: expected a file that rosbag2 or cairn wrote")
            statistics = summary.statistics
            self.topics = _topics(summary.schemas, summary.channels, statistics.channel_message_counts)
            self.time_range = (statistics.message_start_time, statistics.message_end_time)
            self.metadata = {record.name: record.metadata for record in reader.iter_metadata()}

    def _open_by_scan(self) -> None:
        self._scan = scan = scan_mcap(self._path)
        self.topics = _topics(scan.schemas, scan.channels, scan.message_counts)
        self.time_range = scan.time_range
        self.metadata = {record.name: record.metadata for _, record in scan.metadata}
        self.damaged_chunks = scan.damaged_chunks

    def messages(
        self, topics: Collection[str] | None = None, start: int | None = None, end: int | None = None
    ) -> Iterator[BagMessage]:
        """Messages of `topics` (None: of all), by log time; in the order received where the file is cut.

        None is older than `start`, none as new as `end` (log times [ns]).

        Raises BagError when a chunk can't be read.
        """
        by_name = {name: topic for name, (topic, _) in self.topics.items()}
        read = self._indexed_messages if self._scan is None else self._scanned_messages
        for channel, message in read(topics, start, end):
            yield BagMessage(
                topic=by_name[channel.topic],
                log_time=message.log_time,
                publish_time=message.publish_time,
                sequence=message.sequence,
                data=message.data,
            )

    def _indexed_messages(
        self, topics: Collection[str] | None, start: int | None, end: int | None
    ) -> Iterator[tuple[Channel, Message]]:
        with self._path.open("rb") as stream:
            try:
                wanted = make_reader(stream).iter_messages(topics, starting_at=start, ending_before=end)
                for _, channel, message in wanted:
                    yield channel, message
            except (McapError, OSError, struct.error, RuntimeError, ValueError) as error:
                raise BagError(f"{self._path} is damaged: {error}") from error

    def _scanned_messages(
        self, topics: Collection[str] | None, start: int | None, end: int | None
    ) -> Iterator[tuple[Channel, Message]]:
        assert self._scan is not None
        first, behind = start or 0, 1 << 64 if end is None else end
        wanted = {
            channel.id: channel
            for channel in self._scan.channels.values()
            if topics is None or channel.topic in topics
        }
        with self._path.open("rb") as stream:
            for chunk in self._scan.chunks:
                if not wanted.keys() & chunk.messages.keys():
                    continue
                if chunk.index.message_end_time < first or chunk.index.message_start_time >= behind:
                    continue
                offset = chunk.index.chunk_start_offset
                place = RecordPlace(0, offset, offset + chunk.index.chunk_length)
                for record in breakup_chunk(Chunk.read(read_body(stream, place))):
                    if not isinstance(record, Message) or record.channel_id not in wanted:
                        continue
                    if first <= record.log_time < behind:
                        yield wanted[record.channel_id], record

    def attachments(self) -> list[Attachment]:
        """Files kept in the bag."""
        if self._scan is None:
            with self._path.open("rb") as stream:
                return [
                    Attachment(found.name, found.data) for found in make_reader(stream).iter_attachments()
                ]
        with self._path.open("rb") as stream:
            places = [
                RecordPlace(0, index.offset, index.offset + index.length) for index in self._scan.attachments
            ]
            records = [AttachmentRecord.read(read_body(stream, place)) for place in places]
        return [Attachment(record.name, record.data) for record in records]


def _topics(
    schemas: dict[int, Schema], channels: dict[int, Channel], counts: dict[int, int]
) -> dict[str, tuple[Topic, int]]:
    topics: dict[str, tuple[Topic, int]] = {}
    for channel in channels.values():
        schema = schemas.get(channel.schema_id)
        known = schema is not None and schema.encoding == SchemaEncoding.ROS2
        topic = Topic(
            name=channel.topic,
            type=schema.name if schema is not None else "",
            definition=schema.data.decode("utf-8") if schema is not None and known else "",
            offered_qos=load_offered_qos(channel.metadata.get("offered_qos_profiles", "")),
            type_hash=channel.metadata.get("topic_type_hash", ""),
        )
        before = topics[topic.name][1] if topic.name in topics else 0
        topics[topic.name] = (topic, before + counts.get(channel.id, 0))
    return topics
