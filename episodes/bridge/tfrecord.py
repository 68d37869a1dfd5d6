"""TFRecord files: records one after the other, each with checksums.

A record is its length (uint64), the masked CRC-32C of the length, the data, the masked CRC-32C of the data;
all little-endian (https://www.tensorflow.org/tutorials/load_data/tfrecord, "TFRecords format details").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from cairn.episodes.bridge.crc32c import masked_crc32c
from cairn.hardware.errors import CairnError

LARGEST_RECORD = 2**30
_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")


def read_records(path: Path) -> Iterator[bytes]:
    """The records of a file, one at a time.

    Raises CairnError where the file ends within a record, a checksum is wrong, or a record is larger than
    1 GiB; what follows can't be trusted.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise CairnError(f"{path} can't be read: {error.strerror}") from error
    with stream:
        number = 0
        while head := stream.read(_LENGTH.size + _CHECKSUM.size):
            name = f"{path}: record {number}"
            if len(head) < _LENGTH.size + _CHECKSUM.size:
                raise CairnError(f"{name} is cut off: {len(head)} of 12 bytes of its head are there")
            _check(head[: _LENGTH.size], head[_LENGTH.size :], f"{name}: its length")
            (length,) = _LENGTH.unpack_from(head)
            if length > LARGEST_RECORD:
                raise CairnError(f"{name} has {length} bytes, expected {LARGEST_RECORD} at most")
            body = stream.read(length + _CHECKSUM.size)
            if len(body) < length + _CHECKSUM.size:
                raise CairnError(
                    f"{name} is cut off: {len(body)} of {length + _CHECKSUM.size} bytes are there"
                )
            _check(body[:length], body[length:], f"{name}: its data")
            yield body[:length]
            number += 1


def _check(data: bytes, stored: bytes, name: str) -> None:
    (expected,) = _CHECKSUM.unpack(stored)
    found = masked_crc32c(data)
    if found != expected:
        raise CairnError(f"{name} is damaged: expected CRC-32C {expected:08x}, got {found:08x}")


class RecordFile:
    """A new TFRecord file, to be used with `with`."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("xb")
        self.records = 0

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, data: bytes) -> None:
        """Append a record."""
        head = _LENGTH.pack(len(data))
        for part in (
            head,
            _CHECKSUM.pack(masked_crc32c(head)),
            data,
            _CHECKSUM.pack(masked_crc32c(data)),
        ):
            self._stream.write(part)
        self.records += 1

    def close(self) -> None:
        """Complete the file."""
        self._stream.close()
