"""Record messages into a rosbag2 bag without ever making the caller wait."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_metadata import BagMetadata, FileInformation
from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.mcap_file import McapFile
from cairn.episodes.mcap_repair import finalise
from cairn.episodes.mcap_scan import McapScan, scan_mcap
from cairn.episodes.message_queue import MessageQueue
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic
from cairn.episodes.topic_tally import TopicTally

METADATA_PERIOD = 5.0
"""Longest time that metadata.yaml lags behind the recording [s]."""

PROVENANCE_RECORD = "cairn/provenance"
SUMMARY_RECORD = "cairn/summary"


@dataclass(frozen=True)
class _Message:
    tally: TopicTally
    data: bytes
    log_time: int
    publish_time: int
    sequence: int


class BagWriter:
    """Writes a new bag directory with a thread of its own.

    `write` copies nothing, blocks on nothing and never raises for the disk: when the queue is full, or the
    disk is, the message is dropped and counted, and `summary()` says so.  All that was flushed (every
    `flush_period`) survives kill -9 and a lost battery; `recover` restores the index of such a bag.

    Args:
        bag: the directory to create; its last part names the bag.
        options: limits and periods.
        provenance: where the recording comes from.

    Raises BagError when the directory exists, can't be created, or the disk is nearly full.
    """

    def __init__(self, bag: Path, options: StorageOptions, provenance: Provenance) -> None:
        self._bag = bag
        self._options = options
        self._provenance = provenance
        self._lock = Lock()
        self._tallies: dict[str, TopicTally] = {}
        self._times: tuple[int, int] | None = None
        self._reason = ""
        self._failed = False
        self._path = bag / f"{bag.name}_0.mcap"
        self._queue: MessageQueue[_Message | Topic | Attachment] = MessageQueue(
            int(options.max_queue_mb * 1e6)
        )
        _create_directory(bag, options)
        try:
            self._file = McapFile(self._path, options)
            self._begin()
        except OSError as error:
            shutil.rmtree(bag, ignore_errors=True)
            raise BagError(f"bag {bag} can't be written: {error.strerror}") from error
        self._thread = Thread(target=self._run, name="bag-writer", daemon=True)
        self._thread.start()

    @property
    def bag(self) -> Path:
        """The bag's directory."""
        return self._bag

    def add_topic(self, topic: Topic) -> None:
        """Announce a topic before its first message; announcing it again has no effect."""
        with self._lock:
            if topic.name in self._tallies:
                return
            self._tallies[topic.name] = TopicTally(topic)
        self._queue.put(topic)

    def attach(self, attachment: Attachment) -> None:
        """Keep a file in the bag."""
        self._queue.put(attachment)

    def write(
        self,
        topic: str,
        data: bytes,
        log_time: int,
        publish_time: int,
        publisher: bytes = b"",
        sequence: int | None = None,
    ) -> bool:
        """Record a message; returns at once, False when it had to be dropped.

        Args:
            topic: name of a topic announced before; KeyError otherwise.
            data: the message as CDR.
            log_time: when it was received [ns].
            publish_time: when it was published [ns].
            publisher: who published it, to tell the numberings of several publishers apart.
            sequence: its number in the publisher's count, None when unknown.
        """
        tally = self._tallies[topic]
        message = _Message(tally, data, log_time, publish_time, sequence or 0)
        with self._lock:
            tally.add(log_time, publisher, sequence)
            kept = self._queue.put(message, len(data))
            tally.dropped += not kept
        return kept

    def summary(self) -> BagSummary:
        """Figures up to now."""
        with self._lock:
            start, end = self._times or (0, 0)
            return BagSummary(
                recording=not self._reason,
                reason=self._reason,
                failed=self._failed,
                start=start,
                end=end,
                bytes_written=self._file.size,
                queued_bytes=self._queue.bytes,
                topics=tuple(tally.summary() for tally in self._tallies.values()),
            )

    def close(self, reason: str = "closed") -> BagSummary:
        """Write what is queued, complete the bag and return its figures.  Safe to call twice."""
        self._end(reason, failed=False)
        self._thread.join()
        return self.summary()

    def _end(self, reason: str, failed: bool) -> None:
        with self._lock:
            if not self._reason:
                self._reason, self._failed = reason, failed
            self._queue.close()

    def _begin(self) -> None:
        now = time.time_ns()
        self._file.add_metadata(PROVENANCE_RECORD, self._provenance.as_entries())
        for attachment in self._provenance.attachments:
            self._file.add_attachment(attachment.name, attachment.media_type, attachment.data, now)
        self._file.flush()
        self._metadata().write(self._bag)

    def _run(self) -> None:
        """The writer thread."""
        try:
            self._record()
            self._file.add_metadata(SUMMARY_RECORD, self.summary().as_entries())
            self._file.add_metadata("rosbag2", {"serialized_metadata": self._metadata().to_yaml()})
            self._file.close()
            self._metadata().write(self._bag)
        except OSError as error:
            self._end(f"the disk failed: {error.strerror}", failed=True)
            self._file.abandon()
            self._complete_cut_file()

    def _record(self) -> None:
        next_flush = time.monotonic() + self._options.flush_period
        next_metadata = 0.0
        while not self._queue.drained:
            item = self._queue.get(timeout=max(0.0, next_flush - time.monotonic()))
            if isinstance(item, _Message):
                self._store(item)
            elif isinstance(item, Topic):
                self._file.add_topic(item)
                next_metadata = 0.0
            elif isinstance(item, Attachment):
                self._file.add_attachment(item.name, item.media_type, item.data, time.time_ns())
            now = time.monotonic()
            if now < next_flush:
                continue
            self._file.flush()
            next_flush = time.monotonic() + self._options.flush_period
            self._check_free_space()
            if now >= next_metadata:
                self._metadata().write(self._bag)
                next_metadata = time.monotonic() + METADATA_PERIOD

    def _store(self, message: _Message) -> None:
        self._file.add_message(
            message.tally.topic.name, message.data, message.log_time, message.publish_time, message.sequence
        )
        with self._lock:
            message.tally.written += 1
            first, last = self._times or (message.log_time, message.log_time)
            self._times = (min(first, message.log_time), max(last, message.log_time))

    def _check_free_space(self) -> None:
        free = _free_mb(self._bag)
        if free < self._options.min_free_mb:
            least = self._options.min_free_mb
            self._end(f"the disk is nearly full: {free:.0f} MB free, {least:.0f} MB wanted", failed=True)

    def _complete_cut_file(self) -> None:
        """After the disk refused a write: make room by giving up the newest chunks, and write the index."""
        try:
            scan = scan_mcap(self._path)
        except (BagError, OSError):
            return  # not even readable now; metadata.yaml still says "recording", `recover` can try again
        while True:
            self._recount(scan)
            metadata = self._metadata()
            try:
                records = {
                    SUMMARY_RECORD: self.summary().as_entries(),
                    "rosbag2": {"serialized_metadata": metadata.to_yaml()},
                }
                finalise(self._path, scan, records)
                metadata.write(self._bag)
                return
            except OSError:
                if not scan.chunks:
                    return
                scan.drop_last_chunk()

    def _recount(self, scan: McapScan) -> None:
        """Set the figures to what is in the file, after some of what was written is lost again."""
        kept = {scan.channels[channel].topic: count for channel, count in scan.message_counts.items()}
        with self._lock:
            self._times = scan.time_range if scan.chunks else None
            for tally in self._tallies.values():
                tally.written = kept.get(tally.topic.name, 0)
                tally.dropped = tally.received - tally.written

    def _metadata(self) -> BagMetadata:
        summary = self.summary()
        count = summary.messages_written
        return BagMetadata(
            files=(FileInformation(self._path.name, summary.start, summary.end - summary.start, count),),
            topics=tuple((self._tallies[topic.name].topic, topic.written) for topic in summary.topics),
            custom_data={**self._provenance.as_entries(), **summary.as_entries()},
            ros_distro=self._provenance.ros_distro,
        )


def _create_directory(bag: Path, options: StorageOptions) -> None:
    existing = next(parent for parent in bag.absolute().parents if parent.exists())
    free = _free_mb(existing)
    if free < options.min_free_mb:
        raise BagError(
            f"{existing} has {free:.0f} MB free, expected at least {options.min_free_mb:.0f} MB (min_free_mb)"
        )
    try:
        bag.mkdir(parents=True)
    except FileExistsError:
        raise BagError(f"{bag} exists already; a bag is never overwritten: choose another name") from None
    except OSError as error:
        raise BagError(f"bag {bag} can't be created: {error.strerror}") from error


def _free_mb(path: Path) -> float:
    return shutil.disk_usage(path).free / 1e6
