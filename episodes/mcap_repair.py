"""Give a cut MCAP file the end that its writer could not write."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from mcap.data_stream import RecordBuilder
from mcap.records import DataEnd, Footer, McapRecord, MessageIndex, Metadata, MetadataIndex, Statistics

from cairn.episodes.mcap_records import MAGIC
from cairn.episodes.mcap_scan import McapScan


def finalise(path: Path, scan: McapScan, metadata: Mapping[str, Mapping[str, str]]) -> None:
    """Cut the torn record off and append `metadata` records, the index and the footer, in place.

    In place, since a bag may be larger than what is left of the disk.  Whole records are never touched, so
    that doing it again after an interruption gives the same result.

    Args:
        path: the file.
        scan: what `scan_mcap` found in it; its indexes are completed here.
        metadata: key-value pairs to append, by the name of their record.

    Raises OSError when there is no room even for the index; the file is then as cut as before.
    """
    with path.open("r+b") as stream:
        _rewrite_last_message_indexes(stream, scan)
        stream.truncate(scan.end)
        stream.seek(scan.end)
        indexes = [index for index, _ in scan.metadata]
        for name, entries in metadata.items():
            record = _encoded(Metadata(name=name, metadata=dict(entries)))
            indexes.append(MetadataIndex(offset=stream.tell(), length=len(record), name=name))
            stream.write(record)
        stream.write(_encoded(DataEnd(data_section_crc=0)))
        stream.write(_summary(scan, indexes, start=stream.tell()))
        stream.write(MAGIC)
        stream.flush()
        os.fsync(stream.fileno())


def _rewrite_last_message_indexes(stream: BinaryIO, scan: McapScan) -> None:
    """The cut may have gone through the message indexes of the last chunk."""
    if not scan.chunks:
        return
    chunk = scan.chunks[-1]
    if chunk.end != scan.end or chunk.index.message_index_offsets.keys() == chunk.messages.keys():
        return
    start = chunk.index.chunk_start_offset + chunk.index.chunk_length
    stream.truncate(start)
    stream.seek(start)
    for channel, records in chunk.messages.items():
        chunk.index.message_index_offsets[channel] = stream.tell()
        stream.write(_encoded(MessageIndex(channel_id=channel, records=records)))
    chunk.index.message_index_length = stream.tell() - start
    chunk.end = scan.end = stream.tell()


def _summary(scan: McapScan, metadata: list[MetadataIndex], start: int) -> bytes:
    """Summary section and footer of a file whose summary starts at byte `start`."""
    first, last = scan.time_range
    counts = {channel: count for channel, count in scan.message_counts.items() if count}
    statistics = Statistics(
        attachment_count=len(scan.attachments),
        channel_count=len(scan.channels),
        channel_message_counts=counts,
        chunk_count=len(scan.chunks),
        message_count=sum(counts.values()),
        message_end_time=last,
        message_start_time=first,
        metadata_count=len(metadata),
        schema_count=len(scan.schemas),
    )
    records: list[McapRecord] = [*scan.schemas.values(), *scan.channels.values(), statistics]
    records += [chunk.index for chunk in scan.chunks]
    records += scan.attachments
    records += metadata
    summary = b"".join(map(_encoded, records))
    # The checksum covers the summary and the footer up to the checksum itself.
    footer = _encoded(Footer(summary_start=start, summary_offset_start=0, summary_crc=0))
    checksum = zlib.crc32(summary + footer[:-4])
    return summary + footer[:-4] + checksum.to_bytes(4, "little")


def _encoded(record: McapRecord) -> bytes:
    builder = RecordBuilder()
    record.write(builder)
    return bytes(builder.end())  # type: ignore[no-untyped-call]
