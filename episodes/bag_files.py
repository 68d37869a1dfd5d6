"""The storage files of a bag while it is written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cairn.episodes.bag_metadata import FileInformation
from cairn.episodes.latched_messages import LatchedMessages, is_latched
from cairn.episodes.mcap_file import McapFile
from cairn.episodes.mcap_repair import finalise
from cairn.episodes.mcap_scan import McapScan, scan_mcap
from cairn.episodes.provenance import Attachment
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.record_names import PROVENANCE_RECORD
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.storage_part import StoragePart
from cairn.episodes.topic import Topic

Records = Mapping[str, Mapping[str, str]]
"""Key-value pairs by the name of their MCAP metadata record."""


class BagFiles:
    """Writes `<bag>_0.mcap` and, as size, duration or `split` ask for it, `<bag>_1.mcap` and so on.

    Each file stands alone: it has the provenance, the attachments, the definitions of all topics, and at its
    start the latched messages that hold there, received at that moment and published when they were.

    It belongs to one thread; the properties may be read by others.  Any method may raise OSError when the
    disk is full or gone; then `complete_cut_files` makes the best of it.

    Args:
        bag: the bag's directory.
        options: limits.
        provenance: key-value pairs that each file begins with.
    """

    def __init__(self, bag: Path, options: StorageOptions, provenance: Mapping[str, str]) -> None:
        self._bag = bag
        self._options = options
        self._provenance = provenance
        self._topics: dict[str, Topic] = {}
        self._latched_topics: set[str] = set()
        self._attachments: list[Attachment] = []
        self._latched = LatchedMessages()
        self._held = LatchedMessages()
        self._split_due = False
        self._next_number = 0
        self._file: McapFile | None = None
        self._parts: tuple[StoragePart, ...] = ()
        self._open()

    @property
    def parts(self) -> tuple[StoragePart, ...]:
        """The files in order; the last is being written."""
        return self._parts

    @property
    def information(self) -> tuple[FileInformation, ...]:
        """The files as metadata.yaml lists them."""
        return tuple(part.information() for part in self._parts)

    @property
    def counts(self) -> Counter[str]:
        """Messages in all files, repeated ones included, by topic."""
        return sum((part.counts for part in self._parts), Counter())

    @property
    def repeated(self) -> Counter[str]:
        """Messages that stand in a file because they held at its start, by topic."""
        return sum((part.repeated for part in self._parts), Counter())

    @property
    def size(self) -> int:
        """Bytes handed to the operating system so far, of all files."""
        file = self._file
        return sum(part.size for part in self._parts) + (file.size if file is not None else 0)

    def add_topic(self, topic: Topic) -> None:
        """Register a topic; its messages may follow."""
        self._topics[topic.name] = topic
        if is_latched(topic):
            self._latched_topics.add(topic.name)
        self._current.add_topic(topic)

    def attach(self, attachment: Attachment) -> None:
        """Keep a named piece of data in this file and all that follow."""
        self._attachments.append(attachment)
        self._write_attachment(attachment)

    def describe(self, records: Records) -> None:
        """Add key-value records to the present file."""
        for name, entries in records.items():
            self._current.add_metadata(name, entries)

    def hold(self, message: ReceivedMessage) -> None:
        """A latched message from before: it is repeated ahead of the next message that is written."""
        self._held.add(message)

    def add(self, message: ReceivedMessage) -> None:
        """Write a message, into another file where a split is due."""
        if self._is_split_due(message.log_time):
            self.begin_next()
        self._repeat_held(message.log_time)
        self._write(message, message.log_time, repeated=False)

    def split(self) -> None:
        """The next message begins another file, unless the present one has none yet."""
        self._split_due = True

    def flush(self) -> None:
        """Put everything so far on the disk itself."""
        self._current.flush()

    def close(self, records: Callable[[], Records]) -> None:
        """Write what is held, then the last key-value records, and complete the last file."""
        ends = [part.end for part in self._parts] + [message.log_time for message in self._held]
        self._repeat_held(max(ends))
        self.describe(records())
        self._close_current()

    def begin_next(self) -> None:
        """Complete the present file and begin another."""
        self._close_current()
        self._open()
        newer, self._held = self._held, LatchedMessages()
        for message in (*self._latched, *newer):
            self._held.add(message)

    def forget(self, parts: Sequence[StoragePart]) -> None:
        """These files don't belong to the bag any more; deleting them is the caller's."""
        self._parts = tuple(part for part in self._parts if part not in parts)

    def complete_cut_files(self, records: Callable[[], Records], write_metadata: Callable[[], None]) -> None:
        """After the disk refused a write: give the last file its index, and metadata.yaml its truth.

        Where there is no room for these, the newest chunks are given up, and then whole files.

        Args:
            records: asked for the last key-value records whenever the figures have changed.
            write_metadata: called once the files are complete; may raise OSError.

        Raises BagError or OSError when the last file can't even be read; `recover` can try again.
        """
        if self._file is not None:
            self._file.abandon()
            self._file = None
        while not self._complete_last(records, write_metadata) and len(self._parts) > 1:
            self._parts[-1].path.unlink()
            self._parts = self._parts[:-1]

    def _complete_last(self, records: Callable[[], Records], write_metadata: Callable[[], None]) -> bool:
        part = self._parts[-1]
        scan = scan_mcap(part.path)
        while True:
            part.recount(_counts_by_topic(scan), *scan.time_range)
            try:
                finalise(part.path, scan, records())
                part.size = part.path.stat().st_size
                write_metadata()
                return True
            except OSError:
                if not scan.chunks:
                    return False
                scan.drop_last_chunk()

    @property
    def _current(self) -> McapFile:
        assert self._file is not None, "the bag's files are closed"
        return self._file

    def _open(self) -> None:
        """Begin the next file.  It gets its name once it can be read, so that a cut bag has no empty one."""
        path = self._bag / f"{self._bag.name}_{self._next_number}.mcap"
        temporary = path.with_suffix(".begun")
        try:
            self._file = McapFile(temporary, self._options)
            self._file.add_metadata(PROVENANCE_RECORD, self._provenance)
            for attachment in self._attachments:
                self._write_attachment(attachment)
            for topic in self._topics.values():
                self._file.add_topic(topic)
            temporary.rename(path)
        except OSError:
            if self._file is not None:
                self._file.abandon()
                self._file = None
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        self._next_number += 1
        self._split_due = False
        self._parts = (*self._parts, StoragePart(path))

    def _close_current(self) -> None:
        self._current.close()
        self._parts[-1].size = self._current.size
        self._file = None

    def _is_split_due(self, log_time: int) -> bool:
        part, options = self._parts[-1], self._options
        if not part.is_begun:
            self._split_due = False
        if self._split_due:
            return True
        if not part.is_begun:
            return False
        if options.split_mb and self._current.size >= options.split_mb * 1e6:
            return True
        return bool(options.split_seconds) and log_time - part.start >= options.split_seconds * 1e9

    def _repeat_held(self, log_time: int) -> None:
        if not self._held:
            return
        for message in self._held:
            self._write(message, log_time, repeated=True)
        self._held.clear()

    def _write(self, message: ReceivedMessage, log_time: int, repeated: bool) -> None:
        self._current.add_message(
            message.topic, message.data, log_time, message.publish_time, message.sequence or 0
        )
        self._parts[-1].add(message.topic, log_time, repeated)
        if message.topic in self._latched_topics:
            self._latched.add(message)

    def _write_attachment(self, attachment: Attachment) -> None:
        self._current.add_attachment(attachment.name, attachment.media_type, attachment.data, time.time_ns())


def _counts_by_topic(scan: McapScan) -> Counter[str]:
    counts: Counter[str] = Counter()
    for channel, count in scan.message_counts.items():
        counts[scan.channels[channel].topic] += count
    return counts
