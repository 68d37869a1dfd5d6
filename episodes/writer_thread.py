"""The thread that puts a recording on the disk."""

from __future__ import annotations

import math
import shutil
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_files import BagFiles, Records
from cairn.episodes.bag_ledger import BagLedger, Change, custom_data
from cairn.episodes.bag_metadata import BagMetadata
from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.episode import METADATA_PREFIX, Episode
from cairn.episodes.message_queue import MessageQueue
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.record_names import ROSBAG2_RECORD, SUMMARY_RECORD
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic
from cairn.episodes.topic_tally import TopicTally

METADATA_PERIOD = 5.0
"""Longest time that metadata.yaml lags behind the recording [s]."""

_GATHERING = 0.01
"""How long messages gather once the queue is empty, so that not each of a thousand wakes the thread [s]."""


class Queued(NamedTuple):
    """A message that waits for the disk since `came` (monotonic) [s]."""

    message: ReceivedMessage
    tally: TopicTally
    came: float


class Held(NamedTuple):
    """A latched message to be repeated ahead of the next one."""

    message: ReceivedMessage


class Batch(NamedTuple):
    """Messages that were in memory anyway."""

    messages: tuple[ReceivedMessage, ...]


class Labelled(NamedTuple):
    """What an event changed, and the event as a message."""

    change: Change
    queued: Queued


Item = Queued | Held | Batch | Labelled | Topic | Attachment


class WriterThread(Thread):
    """Takes what is queued, writes it to the bag's files and completes the bag in the end.

    No fault of the disk is raised in it: the recording ends, what reached the disk is saved, and the ledger
    says why.

    Args:
        bag: the bag's directory, empty.
        options: limits and periods.
        provenance: where the recording comes from.
        queue: what others want written.
        ledger: figures, pauses and episodes.

    Raises OSError when the first file can't be written.
    """

    def __init__(
        self,
        bag: Path,
        options: StorageOptions,
        provenance: Provenance,
        queue: MessageQueue[Item],
        ledger: BagLedger,
    ) -> None:
        super().__init__(name="bag-writer", daemon=True)
        self._bag = bag
        self._options = options
        self._provenance = provenance
        self._queue = queue
        self._ledger = ledger
        self._ended = Event()
        self._under_way: Episode | None = None
        self._next_flush = time.monotonic()
        self._next_metadata = 0.0
        self._files = BagFiles(bag, options, provenance.as_entries())
        for attachment in provenance.attachments:
            self._files.attach(attachment)
        self._metadata().write(bag, durable=False)  # the caller waits: the thread makes it last

    def summary(self) -> BagSummary:
        """Figures up to now; any thread may ask."""
        return self._ledger.summary(self._files, self._queue.bytes)

    def end(self, reason: str, failed: bool = False) -> None:
        """Accept nothing more; any thread may say so."""
        self._ledger.end(reason, failed)
        self._queue.close()
        self._ended.set()

    def run(self) -> None:
        """Write until the end."""
        try:
            self._record()
            self._complete()
        except OSError as error:
            self._rescue(f"the disk failed: {error.strerror}")
        except Exception as error:  # nobody else hears of it: a thread dies in silence
            self._rescue(f"the writer failed: {error!r}")

    def _record(self) -> None:
        while not self._queue.drained:
            item = self._queue.get(timeout=0.0)
            if item is None:
                self._ended.wait(_GATHERING)
                item = self._queue.get(timeout=max(0.0, self._next_flush - time.monotonic()))
            if isinstance(item, Queued):
                self._store(item)
            elif isinstance(item, Labelled):
                self._store_label(item)
            elif isinstance(item, Batch):
                self._store_batch(item)
            elif isinstance(item, Held):
                self._files.hold(item.message)
            elif isinstance(item, Topic):
                self._files.add_topic(item)
                self._next_metadata = 0.0
            elif isinstance(item, Attachment):
                self._files.attach(item)
            if time.monotonic() >= self._next_flush:
                self._flush()

    def _store(self, queued: Queued) -> None:
        message, tally, came = queued
        parts = len(self._files.parts)
        self._files.add(message)
        if len(self._files.parts) > parts:
            self._next_metadata = 0.0
            if self._under_way is not None:
                self._describe(self._under_way)
        late = time.monotonic() - came > self._options.flush_period
        self._ledger.note_written(tally, message.log_time, late)

    def _store_label(self, labelled: Labelled) -> None:
        """Split where an episode begins or ends; what was said goes to the disk at once."""
        change, split = labelled.change, self._options.split_at_episodes
        if split and change.begins:
            self._files.split()
        self._store(labelled.queued)
        if split and change.ends:
            self._files.split()
        self._describe(*change.changed)
        self._under_way = change.under_way
        self._flush(metadata=True)

    def _store_batch(self, batch: Batch) -> None:
        # All have come, also where the disk takes but some of them.
        tallies = [self._ledger.tally(message.topic) for message in batch.messages]
        with self._ledger.lock:
            for message, tally in zip(batch.messages, tallies, strict=True):
                tally.add(message.log_time, message.publisher, message.sequence)
        for message, tally in zip(batch.messages, tallies, strict=True):
            if self._ledger.failed:
                with self._ledger.lock:
                    tally.dropped += 1
                continue
            self._store(Queued(message, tally, math.inf))  # what comes at once can't be late
            if time.monotonic() >= self._next_flush:
                self._flush()

    def _describe(self, *episodes: Episode) -> None:
        self._files.describe(_descriptions(episodes))

    def _flush(self, metadata: bool = False) -> None:
        begun = time.monotonic()
        self._files.flush()
        now, free = time.monotonic(), free_mb(self._bag)
        self._ledger.note_flush(now - begun, free)
        self._next_flush = now + self._options.flush_period
        if (least := self._options.min_free_mb) > free:
            self.end(f"the disk is nearly full: {free:.0f} MB free, {least:.0f} MB wanted", failed=True)
        if metadata or now >= self._next_metadata:
            self._metadata().write(self._bag)
            self._next_metadata = time.monotonic() + METADATA_PERIOD

    def _complete(self) -> None:
        """Write the end of the last file and of the bag, and remove what is discarded."""
        self._ledger.complete()
        removed = [
            part
            for part in self._files.parts
            if self._options.drop_discarded and self._ledger.is_discarded(part)
        ]
        if self._files.parts[-1] in removed:
            self._files.begin_next()  # somebody has to say what became of the episodes
        self._files.forget(removed)
        self._ledger.note_removed(removed)
        self._files.close(self._last_records)
        self._metadata().write(self._bag)
        for part in removed:
            part.path.unlink()

    def _rescue(self, reason: str) -> None:
        """End the recording and save what reached the disk."""
        self.end(reason, failed=True)
        with suppress(BagError, OSError):  # metadata.yaml then still says "recording"
            self._ledger.complete()
            self._files.complete_cut_files(self._recounted_records, lambda: self._metadata().write(self._bag))

    def _recounted_records(self) -> Records:
        self._ledger.recount(self._files)
        return self._last_records()

    def _last_records(self) -> Records:
        """What the last file ends with."""
        summary = self.summary()
        return {
            **_descriptions(summary.episodes),
            SUMMARY_RECORD: summary.as_entries(),
            ROSBAG2_RECORD: {"serialized_metadata": self._metadata().to_yaml()},
        }

    def _metadata(self) -> BagMetadata:
        return BagMetadata(
            files=self._files.information,
            topics=self._ledger.topics(self._files.counts),
            custom_data={**self._provenance.as_entries(), **custom_data(self.summary())},
            ros_distro=self._provenance.ros_distro,
        )


def _descriptions(episodes: tuple[Episode, ...]) -> dict[str, dict[str, str]]:
    return {METADATA_PREFIX + episode.name: episode.as_metadata() for episode in episodes}


def free_mb(path: Path) -> float:
    """What the disk of `path` has left [MB]."""
    return shutil.disk_usage(path).free / 1e6
