"""What of an MCAP file is whole: the index that its writer would have written at the end."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    Chunk,
    ChunkIndex,
    Header,
    MessageIndex,
    Metadata,
    MetadataIndex,
    Schema,
)

from cairn.episodes.bag_error import BagError
from cairn.episodes.mcap_records import RecordPlace, read_body, read_chunk_content, walk_chunk, walk_file


@dataclass
class ScannedChunk:
    """A chunk that can be read.

    Attributes:
        index: where it lies; its `message_index_offsets` are those of the message indexes in the file.
        messages: (log time, offset in the uncompressed chunk) of its messages, by channel.
        end: offset of the first byte after the chunk and its message indexes.
    """

    index: ChunkIndex
    messages: dict[int, list[tuple[int, int]]]
    end: int


@dataclass
class McapScan:
    """The readable part of an MCAP file.

    Attributes:
        header: the file's own header, None when not even that is whole.
        end: offset of the first byte after the last whole record of data.
        damaged_chunks: whole by their length, but not readable; left in the file, out of the index.
    """

    header: Header | None = None
    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    chunks: list[ScannedChunk] = field(default_factory=list)
    attachments: list[AttachmentIndex] = field(default_factory=list)
    metadata: list[tuple[MetadataIndex, Metadata]] = field(default_factory=list)
    end: int = 0
    damaged_chunks: int = 0

    @property
    def message_counts(self) -> dict[int, int]:
        """Messages by channel."""
        counts = dict.fromkeys(self.channels, 0)
        for chunk in self.chunks:
            for channel, messages in chunk.messages.items():
                counts[channel] += len(messages)
        return counts

    @property
    def message_count(self) -> int:
        """Messages in all."""
        return sum(self.message_counts.values())

    @property
    def time_range(self) -> tuple[int, int]:
        """Earliest and latest log time [ns]; (0, 0) without messages."""
        return (
            min((chunk.index.message_start_time for chunk in self.chunks), default=0),
            max((chunk.index.message_end_time for chunk in self.chunks), default=0),
        )

    def drop_last_chunk(self) -> int:
        """Forget the last chunk and all that lies after it; returns how many messages that costs."""
        chunk = self.chunks.pop()
        self.end = chunk.index.chunk_start_offset
        self.attachments = [index for index in self.attachments if index.offset < self.end]
        self.metadata = [entry for entry in self.metadata if entry[0].offset < self.end]
        return sum(map(len, chunk.messages.values()))


def scan_mcap(path: Path) -> McapScan:
    """Read a file to the end of its last whole record, every chunk verified by its checksum.

    Raises BagError when it is no MCAP file or holds messages outside chunks (`noChunking` in rosbag2),
    which no index can point to.
    """
    scan = McapScan()
    with path.open("rb") as stream:
        for place in walk_file(stream):
            if place.opcode in (Opcode.DATA_END, Opcode.FOOTER):
                break
            try:
                _add(scan, stream, place)
            except (McapError, struct.error, UnicodeDecodeError) as error:
                raise BagError(f"{path}: record at byte {place.start} can't be read: {error}") from error
            scan.end = place.end
    return scan


def _add(scan: McapScan, stream: BinaryIO, place: RecordPlace) -> None:
    length = place.end - place.start
    if place.opcode == Opcode.HEADER:
        scan.header = Header.read(read_body(stream, place))
    elif place.opcode == Opcode.SCHEMA:
        schema = Schema.read(read_body(stream, place))
        scan.schemas[schema.id] = schema
    elif place.opcode == Opcode.CHANNEL:
        channel = Channel.read(read_body(stream, place))
        scan.channels[channel.id] = channel
    elif place.opcode == Opcode.CHUNK:
        _add_chunk(scan, Chunk.read(read_body(stream, place)), place)
    elif place.opcode == Opcode.MESSAGE_INDEX:
        _add_message_index(scan, MessageIndex.read(read_body(stream, place)), place)
    elif place.opcode == Opcode.ATTACHMENT:
        attachment = Attachment.read(read_body(stream, place))
        scan.attachments.append(
            AttachmentIndex(
                offset=place.start,
                length=length,
                log_time=attachment.log_time,
                create_time=attachment.create_time,
                data_size=len(attachment.data),
                name=attachment.name,
                media_type=attachment.media_type,
            )
        )
    elif place.opcode == Opcode.METADATA:
        metadata = Metadata.read(read_body(stream, place))
        scan.metadata.append((MetadataIndex(offset=place.start, length=length, name=metadata.name), metadata))
    elif place.opcode == Opcode.MESSAGE:
        raise BagError("expected messages in chunks, got one outside: this file can be read, but not indexed")


def _add_chunk(scan: McapScan, chunk: Chunk, place: RecordPlace) -> None:
    try:
        content = read_chunk_content(chunk)
    except BagError:
        scan.damaged_chunks += 1
        return
    messages: dict[int, list[tuple[int, int]]] = {}
    inside = memoryview(content)
    for record in walk_chunk(content):
        body = inside[record.start + 9 : record.end]
        if record.opcode == Opcode.MESSAGE:
            channel, _, log_time = struct.unpack_from("<HIQ", body)
            messages.setdefault(channel, []).append((log_time, record.start))
        elif record.opcode == Opcode.SCHEMA:
            schema = Schema.read(ReadDataStream(BytesIO(body)))
            scan.schemas[schema.id] = schema
        elif record.opcode == Opcode.CHANNEL:
            registered = Channel.read(ReadDataStream(BytesIO(body)))
            scan.channels[registered.id] = registered
    if not scan.channels.keys() >= messages.keys():
        scan.damaged_chunks += 1  # the chunk that registered these channels is lost: nobody can read them
        return
    index = ChunkIndex(
        message_start_time=chunk.message_start_time,
        message_end_time=chunk.message_end_time,
        chunk_start_offset=place.start,
        chunk_length=place.end - place.start,
        message_index_offsets={},
        message_index_length=0,
        compression=chunk.compression,
        compressed_size=len(chunk.data),
        uncompressed_size=chunk.uncompressed_size,
    )
    scan.chunks.append(ScannedChunk(index, messages, place.end))


def _add_message_index(scan: McapScan, index: MessageIndex, place: RecordPlace) -> None:
    """Note an index that follows the last readable chunk without a gap."""
    if not scan.chunks or scan.chunks[-1].end != place.start:
        return
    chunk = scan.chunks[-1]
    chunk.index.message_index_offsets[index.channel_id] = place.start
    chunk.index.message_index_length += place.end - place.start
    chunk.end = place.end
