"""Walk an MCAP file record by record, without trusting its end.

The readers of the `mcap` package expect every record to be whole; after a crash the last one is not.
File format: https://mcap.dev/spec.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Chunk
from mcap.stream_reader import get_chunk_data_stream
from zstandard import ZstdError

from cairn.episodes.bag_error import BagError

MAGIC = b"\x89MCAP0\r\n"
_HEAD = struct.Struct("<BQ")
_FOOTER_SIZE = _HEAD.size + 20


class RecordPlace(NamedTuple):
    """Where a record lies: its opcode, the offset of its first byte and of the first byte after it."""

    opcode: int
    start: int
    end: int


def walk_file(stream: BinaryIO) -> Iterator[RecordPlace]:
    """The whole records of an MCAP file in order, ending silently where the file is cut.

    Raises BagError when the file doesn't start as an MCAP file does.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    if (magic := stream.read(len(MAGIC))) != MAGIC:
        raise BagError(f"expected an MCAP file, which starts with {MAGIC!r}, got {magic!r}")
    yield from _walk(stream, len(MAGIC), size)


def walk_chunk(content: bytes) -> Iterator[RecordPlace]:
    """The records inside the uncompressed content of a chunk."""
    return _walk(BytesIO(content), 0, len(content))


def _walk(stream: BinaryIO, offset: int, size: int) -> Iterator[RecordPlace]:
    while offset + _HEAD.size <= size:
        stream.seek(offset)
        opcode, length = _HEAD.unpack(stream.read(_HEAD.size))
        end = offset + _HEAD.size + length
        if end > size or opcode == 0:
            return
        yield RecordPlace(opcode, offset, end)
        offset = end


def read_body(stream: BinaryIO, place: RecordPlace) -> ReadDataStream:
    """The content of the record at `place`, ready for the `read` of a class in `mcap.records`."""
    start = place.start + _HEAD.size
    stream.seek(start)
    return ReadDataStream(BytesIO(stream.read(place.end - start)))


def read_chunk_content(chunk: Chunk) -> bytes:
    """The records of a chunk, uncompressed.

    Raises BagError when they can't be uncompressed or the checksum doesn't match.
    """
    try:
        stream, size = get_chunk_data_stream(chunk)
        content = stream.read(size)
    except (McapError, ZstdError, RuntimeError, MemoryError) as error:  # lz4 raises RuntimeError
        raise BagError(f"a chunk can't be uncompressed ({chunk.compression or 'none'}): {error}") from error
    if chunk.uncompressed_crc and zlib.crc32(content) != chunk.uncompressed_crc:
        raise BagError("the checksum of a chunk doesn't match its content")
    return content


def is_finalised(path: Path) -> bool:
    """Whether the file ends as a complete MCAP file does, with a footer and the magic bytes."""
    with path.open("rb") as stream:
        if stream.seek(0, 2) < 2 * len(MAGIC) + _FOOTER_SIZE:
            return False
        stream.seek(-len(MAGIC) - _FOOTER_SIZE, 2)
        footer = stream.read(_FOOTER_SIZE)
        return footer[0] == Opcode.FOOTER and stream.read(len(MAGIC)) == MAGIC
