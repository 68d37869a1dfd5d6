"""Repair bags whose recorder could not close them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_metadata import FILE_NAME, BagMetadata, FileInformation, read_metadata
from cairn.episodes.bag_reader import storage_files
from cairn.episodes.mcap_records import is_finalised
from cairn.episodes.mcap_repair import finalise
from cairn.episodes.mcap_scan import scan_mcap
from cairn.episodes.mcap_source import McapSource
from cairn.episodes.recording_lock import hold_lock
from cairn.episodes.topic import Topic


@dataclass(frozen=True)
class Recovery:
    """What `recover` found and did.

    Attributes:
        repaired: names of the files that got an index; empty when all were whole.
        messages: messages in the bag.
        bytes_cut: torn bytes removed from the ends of files.
        damaged_chunks: chunks that can't be read and are left out of the index.
    """

    repaired: tuple[str, ...]
    messages: int
    bytes_cut: int
    damaged_chunks: int


def recover(bag: Path) -> Recovery:
    """Give every cut file of a bag its index, in place, and write metadata.yaml anew.

    Whole records are never changed; a bag that is whole but lacks metadata.yaml gets one.  Running it again
    changes nothing.

    Raises BagError when `bag` is no bag, is still being written, has nothing that can be read, or the disk
    refuses the index.
    """
    if not bag.is_dir():
        raise BagError(f"{bag} is no bag: expected a directory with .mcap files")
    files = storage_files(bag)
    repaired, bytes_cut, damaged = [], 0, 0
    for path in files:
        with _locked(path):
            if is_finalised(path):
                continue
            scan = scan_mcap(path)
            if scan.header is None:
                raise BagError(f"{path} was cut before its first whole record: nothing can be recovered")
            bytes_cut += path.stat().st_size - scan.end
            damaged += scan.damaged_chunks
            try:
                finalise(path, scan, {})
            except OSError as error:
                raise BagError(f"the index of {path} can't be written: {error.strerror}") from error
            repaired.append(path.name)
    messages = _write_metadata(bag, files, repaired)
    return Recovery(tuple(repaired), messages, bytes_cut, damaged)


def _write_metadata(bag: Path, files: list[Path], repaired: list[str]) -> int:
    """Bring metadata.yaml up to what the files hold; returns the number of messages."""
    information, counted = [], dict[str, tuple[Topic, int]]()
    for path in files:
        source = McapSource(path)
        count = sum(count for _, count in source.topics.values())
        start, end = source.time_range
        information.append(FileInformation(path.name, start, end - start, count))
        for name, (topic, number) in source.topics.items():
            counted[name] = (topic, number + (counted[name][1] if name in counted else 0))
    messages = sum(file.message_count for file in information)
    old = _old_metadata(bag)
    if not repaired and old.get("message_count") == messages:
        return messages
    custom = {str(key): str(value) for key, value in (old.get("custom_data") or {}).items()}
    custom |= {"cairn.state": "recovered", "cairn.messages_written": str(messages)}
    metadata = BagMetadata(
        files=tuple(information),
        topics=tuple(counted.values()),
        custom_data=custom,
        ros_distro=str(old.get("ros_distro") or ""),
    )
    try:
        metadata.write(bag)
    except OSError as error:
        raise BagError(f"{bag / FILE_NAME} can't be written: {error.strerror}") from error
    return messages


def _old_metadata(bag: Path) -> dict[str, Any]:
    try:
        return read_metadata(bag)
    except BagError:
        return {}


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock that a recorder holds while it writes."""
    try:
        with path.open("r+b") as stream:
            hold_lock(stream)
            yield
    except BlockingIOError:
        raise BagError(f"{path} is still being written: stop its recorder first") from None
    except OSError as error:
        raise BagError(f"{path} can't be opened for repair: {error.strerror}") from error
