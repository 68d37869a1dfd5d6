"""Record messages into a rosbag2 bag without ever making the caller wait."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable
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
from cairn.episodes.episode_log import EpisodeEvent
from cairn.episodes.latched_messages import is_latched
from cairn.episodes.message_queue import MessageQueue
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic
from cairn.episodes.topic_tally import TopicTally

METADATA_PERIOD = 5.0
"""Longest time that metadata.yaml lags behind the recording [s]."""

SUMMARY_RECORD = "cairn/summary"
_GATHERING = 0.01
"""How long messages gather once the queue is empty, so that not each of a thousand wakes the thread [s]."""


class _Queued(NamedTuple):
    """A message that waits for the disk since `came` (monotonic) [s]."""

    message: ReceivedMessage
    tally: TopicTally
    came: float


class _Held(NamedTuple):
    """A latched message to be repeated ahead of the next one."""

    message: ReceivedMessage


class _Batch(NamedTuple):
    """Messages that were in memory anyway."""

    messages: tuple[ReceivedMessage, ...]


class _Labelled(NamedTuple):
    """What an event changed, and the event as a message."""

    change: Change
    queued: _Queued


_Item = _Queued | _Held | _Batch | _Labelled | Topic | Attachment


class BagWriter:
    """Writes a new bag directory with a thread of its own.

    `write` copies nothing, blocks on nothing and never raises for the disk: when the queue is full, or the
    disk is, the message is dropped and counted, and `summary()` says so.  All that was flushed (every
    `flush_period`, and with every label) survives kill -9 and a lost battery; `recover` restores the index
    of such a bag.

    All but `summary`, `wait` and `close` belong to one thread.

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
        self._queue: MessageQueue[_Item] = MessageQueue(int(options.max_queue_mb * 1e6))
        self._ledger = BagLedger(_create_directory(bag, options.min_free_mb))
        self._ended = Event()
        self._under_way: Episode | None = None
        self._next_flush = time.monotonic()
        self._next_metadata = 0.0
        try:
            self._files = BagFiles(bag, options, provenance.as_entries())
            for attachment in provenance.attachments:
                self._files.attach(attachment)
            self._metadata().write(bag, durable=False)  # the caller waits: the thread makes it last
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
        if self._ledger.add_topic(topic):
            self._queue.put(topic)

    def attach(self, attachment: Attachment) -> None:
        """Keep a file in the bag."""
        self._queue.put(attachment)

    def hold(self, message: ReceivedMessage) -> None:
        """A latched message of before: it is repeated ahead of the next one, and counts for nothing."""
        self._queue.put(_Held(message))

    def write(
        self,
        topic: str,
        data: bytes,
        log_time: int,
        publish_time: int,
        publisher: bytes = b"",
        sequence: int | None = None,
    ) -> bool:
        """As `add`, with the fields of a ReceivedMessage."""
        return self.add(ReceivedMessage(topic, data, log_time, publish_time, publisher, sequence))

    def add(self, message: ReceivedMessage) -> bool:
        """Record a message; returns at once, False when it was not kept: dropped, or paused.

        Raises KeyError when its topic was not announced.
        """
        tally = self._ledger.tally(message.topic)
        with self._ledger.lock:
            tally.add(message.log_time, message.publisher, message.sequence)
            if self._ledger.paused:
                tally.paused += 1
                if is_latched(tally.topic):
                    self._queue.put(_Held(message))  # it still holds when the pause is over
                return False
            kept = self._queue.put(_Queued(message, tally, time.monotonic()), len(message.data))
            tally.dropped += not kept
        return kept

    def add_all(self, messages: tuple[ReceivedMessage, ...]) -> None:
        """Record messages that are in memory anyway; the bound on the queue doesn't concern them."""
        self._queue.put(_Batch(messages))

    def pause(self, stamp: int) -> None:
        """Keep nothing but labels from log time `stamp` [ns] on, and what is latched for later."""
        self._ledger.pause(stamp)

    def resume(self, stamp: int) -> None:
        """Go on at log time `stamp` [ns]."""
        self._ledger.resume(stamp)

    def label(self, event: EpisodeEvent, topic: Topic, encode: Callable[[Episode], bytes]) -> Episode:
        """Say something about an episode, and record it as a message even while paused.

        Args:
            event: what is said; its stamp is the message's log time.
            topic: that of the message.
            encode: makes the message, as CDR, from the episode that is meant, as it is after the event.

        Raises BagError, and changes nothing, when no messages are accepted any more or the event speaks of an
        episode that there is not.
        """
        change = self._ledger.label(event)
        self.add_topic(topic)
        tally = self._ledger.tally(topic.name)
        message = ReceivedMessage(topic.name, encode(change.episode), event.stamp, event.stamp)
        with self._ledger.lock:
            tally.add(event.stamp, b"", 0)
            tally.dropped += not self._queue.put(_Labelled(change, _Queued(message, tally, time.monotonic())))
        return change.episode

    def summary(self) -> BagSummary:
        """Figures up to now."""
        return self._ledger.summary(self._files, self._queue.bytes)

    def finish(self, reason: str = "closed") -> None:
        """Accept nothing more; the thread writes what is queued and completes the bag.  Returns at once."""
        self._end(reason, failed=False)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the bag is complete, after at most `timeout` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def close(self, reason: str = "closed") -> BagSummary:
        """Write what is queued, complete the bag and return its figures.  Safe to call twice."""
        self.finish(reason)
        self.wait()
        return self.summary()

    def _end(self, reason: str, failed: bool) -> None:
        self._ledger.end(reason, failed)
        self._queue.close()
        self._ended.set()

    def _run(self) -> None:
        """The writer thread."""
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
            if isinstance(item, _Queued):
                self._store(item)
            elif isinstance(item, _Labelled):
                self._store_label(item)
            elif isinstance(item, _Batch):
                self._store_batch(item)
            elif isinstance(item, _Held):
                self._files.hold(item.message)
            elif isinstance(item, Topic):
                self._files.add_topic(item)
                self._next_metadata = 0.0
            elif isinstance(item, Attachment):
                self._files.attach(item)
            if time.monotonic() >= self._next_flush:
                self._flush()

    def _store(self, queued: _Queued) -> None:
        message, tally, came = queued
        parts = len(self._files.parts)
        self._files.add(message)
        if len(self._files.parts) > parts:
            self._next_metadata = 0.0
            if self._under_way is not None:
                self._describe(self._under_way)
        late = time.monotonic() - came > self._options.flush_period
        self._ledger.note_written(tally, message.log_time, late)

    def _store_label(self, labelled: _Labelled) -> None:
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

    def _store_batch(self, batch: _Batch) -> None:
        for message in batch.messages:
            tally = self._ledger.tally(message.topic)
            with self._ledger.lock:
                tally.add(message.log_time, message.publisher, message.sequence)
            self._store(_Queued(message, tally, math.inf))  # what comes at once can't be late
            if time.monotonic() >= self._next_flush:
                self._flush()

    def _describe(self, *episodes: Episode) -> None:
        self._files.describe(_descriptions(episodes))

    def _flush(self, metadata: bool = False) -> None:
        begun = time.monotonic()
        self._files.flush()
        now, free = time.monotonic(), _free_mb(self._bag)
        self._ledger.note_flush(now - begun, free)
        self._next_flush = now + self._options.flush_period
        if (least := self._options.min_free_mb) > free:
            self._end(f"the disk is nearly full: {free:.0f} MB free, {least:.0f} MB wanted", failed=True)
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
        self._end(reason, failed=True)
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
            "rosbag2": {"serialized_metadata": self._metadata().to_yaml()},
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


def _create_directory(bag: Path, min_free_mb: float) -> float:
    """Make the bag's directory; returns what the disk has left [MB]."""
    existing = next(parent for parent in bag.absolute().parents if parent.exists())
    free = _free_mb(existing)
    if free < min_free_mb:
        raise BagError(
            f"{existing} has {free:.0f} MB free, expected at least {min_free_mb:.0f} MB (min_free_mb)"
        )
    try:
        bag.mkdir(parents=True)
    except FileExistsError:
        raise BagError(f"{bag} exists already; a bag is never overwritten: choose another name") from None
    except OSError as error:
        raise BagError(f"bag {bag} can't be created: {error.strerror}") from error
    return free


def _free_mb(path: Path) -> float:
    return shutil.disk_usage(path).free / 1e6
