"""Record messages into a rosbag2 bag without ever making the caller wait."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_files import BagFiles, Records
from cairn.episodes.bag_metadata import BagMetadata
from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.episode import METADATA_PREFIX, Episode, Verdict
from cairn.episodes.episode_log import EpisodeEvent, EpisodeLog, EventKind
from cairn.episodes.latched_messages import is_latched
from cairn.episodes.message_queue import MessageQueue
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.storage_part import StoragePart
from cairn.episodes.topic import Topic
from cairn.episodes.topic_tally import TopicTally

METADATA_PERIOD = 5.0
"""Longest time that metadata.yaml lags behind the recording [s]."""

SUMMARY_RECORD = "cairn/summary"


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
    """An event as a message, the episode that it began or ended, and all whose description changed."""

    queued: _Queued
    begins: bool
    ends: bool
    under_way: Episode | None
    changed: tuple[Episode, ...]


_Item = _Queued | _Held | _Batch | _Labelled | Topic | Attachment


class BagWriter:
    """Writes a new bag directory with a thread of its own.

    `write` copies nothing, blocks on nothing and never raises for the disk: when the queue is full, or the
    disk is, the message is dropped and counted, and `summary()` says so.  All that was flushed (every
    `flush_period`, and with every label) survives kill -9 and a lost battery; `recover` restores the index
    of such a bag.

    All but `summary` and `close` belong to one thread.

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
        self._longest_flush = 0.0
        self._free_mb = _free_mb_above(bag)
        self._log = EpisodeLog()
        self._under_way: Episode | None = None
        self._pauses: list[tuple[int, int]] = []
        self._discarded_files: tuple[str, ...] = ()
        self._queue: MessageQueue[_Item] = MessageQueue(int(options.max_queue_mb * 1e6))
        self._next_flush = time.monotonic()
        self._next_metadata = 0.0
        self._create_directory()
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
        with self._lock:
            if topic.name in self._tallies:
                return
            self._tallies[topic.name] = TopicTally(topic)
        self._queue.put(topic)

    def attach(self, attachment: Attachment) -> None:
        """Keep a file in the bag."""
        self._queue.put(attachment)

    def hold(self, message: ReceivedMessage) -> None:
        """A latched message of before: it is repeated ahead of the next one, and counts as neither received
        nor lost."""
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
        """Record a message; returns at once, False when it was not kept: dropped, or paused.

        Args:
            topic: name of a topic announced before; KeyError otherwise.
            data: the message as CDR.
            log_time: when it was received [ns].
            publish_time: when it was published [ns].
            publisher: who published it, to tell the numberings of several publishers apart.
            sequence: its number in the publisher's count, None when unknown.
        """
        return self.add(ReceivedMessage(topic, data, log_time, publish_time, publisher, sequence))

    def add(self, message: ReceivedMessage) -> bool:
        """As `write`."""
        tally = self._tallies[message.topic]
        with self._lock:
            tally.add(message.log_time, message.publisher, message.sequence)
            if self.paused:
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

    @property
    def paused(self) -> bool:
        """Messages are knowingly not kept."""
        return bool(self._pauses) and not self._pauses[-1][1]

    def pause(self, stamp: int) -> None:
        """Keep nothing from log time `stamp` [ns] on but labels.  Has no effect while paused."""
        if not self.paused:
            self._pauses.append((stamp, 0))

    def resume(self, stamp: int) -> None:
        """Go on at log time `stamp` [ns].  Has no effect when not paused."""
        if self.paused:
            self._pauses[-1] = (self._pauses[-1][0], stamp)

    def label(self, event: EpisodeEvent, topic: Topic, encode: Callable[[Episode], bytes]) -> Episode:
        """Say something about an episode, and record it as a message even while paused.

        Args:
            event: what is said; its stamp is the message's log time.
            topic: that of the message.
            encode: makes the message, as CDR, from the episode that is meant, as it is after the event.

        Raises BagError, and changes nothing, when no messages are accepted any more or the event speaks of an
        episode that there is not.
        """
        with self._lock:
            if self._reason:
                raise BagError(f"the recording has ended: {self._reason}")
            before = self._log.current
            episode = self._log.add(event)
            under_way = self._log.current
            known = {known.name: known for known in self._log.episodes}
        self.add_topic(topic)
        ended = before is not None and (under_way is None or under_way.name != before.name)
        changed = {before.name: known[before.name]} if before is not None and ended else {}
        message = ReceivedMessage(topic.name, encode(episode), event.stamp, event.stamp)
        tally = self._tallies[topic.name]
        queued = _Queued(message, tally, time.monotonic())
        begins = event.kind is EventKind.START
        changed[episode.name] = episode
        with self._lock:
            tally.add(event.stamp, b"", 0)
            tally.dropped += not self._queue.put(
                _Labelled(queued, begins, ended and not begins, under_way, tuple(changed.values()))
            )
        return episode

    def summary(self) -> BagSummary:
        """Figures up to now."""
        with self._lock:
            start, end = self._times or (0, 0)
            return BagSummary(
                recording=not self._reason,
                paused=self.paused,
                reason=self._reason,
                failed=self._failed,
                start=start,
                end=end,
                bytes_written=self._files.size,
                queued_bytes=self._queue.bytes,
                free_mb=self._free_mb,
                longest_flush=self._longest_flush,
                pauses=tuple(self._pauses),
                episodes=self._log.episodes,
                episode=self._log.current,
                files=tuple(part.path.name for part in self._files.parts),
                discarded_files=self._discarded_files,
                topics=tuple(tally.summary() for tally in self._tallies.values()),
            )

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
        with self._lock:
            if not self._reason or (failed and not self._failed):
                self._reason, self._failed = reason, failed
            self._queue.close()

    def _run(self) -> None:
        """The writer thread."""
        try:
            self._record()
            self._complete()
        except OSError as error:
            self._rescue(f"the disk failed: {error.strerror}")
        except Exception as error:  # nobody else hears of it: a thread dies in silence
            self._rescue(f"the writer failed: {error!r}")

    def _rescue(self, reason: str) -> None:
        """End the recording and save what reached the disk."""
        self._end(reason, failed=True)
        with suppress(BagError, OSError):  # metadata.yaml then still says "recording"
            self._close_log()
            self._files.complete_cut_files(self._last_records, lambda: self._metadata().write(self._bag))

    def _record(self) -> None:
        while not self._queue.drained:
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

    def _flush(self, metadata: bool = False) -> None:
        begun = time.monotonic()
        self._files.flush()
        now = time.monotonic()
        self._longest_flush = max(self._longest_flush, now - begun)
        self._next_flush = now + self._options.flush_period
        self._check_free_space()
        if metadata or now >= self._next_metadata:
            self._metadata().write(self._bag)
            self._next_metadata = time.monotonic() + METADATA_PERIOD

    def _store(self, queued: _Queued) -> None:
        message, tally, came = queued
        parts = len(self._files.parts)
        self._files.add(message)
        if len(self._files.parts) > parts:
            self._next_metadata = 0.0
            if self._under_way is not None:
                self._describe(self._under_way)
        with self._lock:
            tally.written += 1
            tally.late += time.monotonic() - came > self._options.flush_period
            first, last = self._times or (message.log_time, message.log_time)
            self._times = (min(first, message.log_time), max(last, message.log_time))

    def _store_label(self, labelled: _Labelled) -> None:
        """Split where an episode begins or ends; what was said goes to the disk at once."""
        if labelled.begins and self._options.split_at_episodes:
            self._files.split()
        self._store(labelled.queued)
        if labelled.ends and self._options.split_at_episodes:
            self._files.split()
        self._describe(*labelled.changed)
        self._under_way = labelled.under_way
        self._flush(metadata=True)

    def _store_batch(self, batch: _Batch) -> None:
        for message in batch.messages:
            tally = self._tallies[message.topic]
            with self._lock:
                tally.add(message.log_time, message.publisher, message.sequence)
            self._store(_Queued(message, tally, math.inf))
            if time.monotonic() >= self._next_flush:
                self._flush()

    def _describe(self, *episodes: Episode) -> None:
        for episode in episodes:
            self._files.describe({METADATA_PREFIX + episode.name: episode.as_metadata()})

    def _check_free_space(self) -> None:
        self._free_mb = free = _free_mb(self._bag)
        if free < self._options.min_free_mb:
            least = self._options.min_free_mb
            self._end(f"the disk is nearly full: {free:.0f} MB free, {least:.0f} MB wanted", failed=True)

    def _complete(self) -> None:
        """Write the end of the last file and of the bag."""
        self._close_log()
        removed = self._discarded_parts() if self._options.drop_discarded else []
        if self._files.parts[-1] in removed:
            self._files.begin_next()  # somebody has to say what became of the episodes
        self._files.forget(removed)
        self._discarded_files = tuple(part.path.name for part in removed)
        with self._lock:
            for part in removed:
                for topic, count in (part.counts - part.repeated).items():
                    self._tallies[topic].written -= count
                    self._tallies[topic].discarded += count
        self._files.close(self._records())
        self._metadata().write(self._bag)
        for part in removed:
            part.path.unlink()

    def _close_log(self) -> None:
        with self._lock:
            if (current := self._log.current) is not None:
                self._log.close(max(current.start, (self._times or (0, 0))[1]))

    def _discarded_parts(self) -> list[StoragePart]:
        discarded = [episode for episode in self._log.episodes if episode.verdict is Verdict.DISCARDED]
        return [
            part
            for part in self._files.parts
            if part.is_begun
            and any(episode.start <= part.start and part.end <= episode.end for episode in discarded)
        ]

    def _last_records(self) -> Records:
        """After a cut: set the figures to what is in the files, then tell them."""
        kept, repeated = self._files.counts, self._files.repeated
        information = [file for file in self._files.information if file.message_count]
        with self._lock:
            self._times = None
            if information:
                end = max(file.start + file.duration for file in information)
                self._times = min(file.start for file in information), end
            for name, tally in self._tallies.items():
                tally.written = kept[name] - repeated[name]
                tally.dropped = tally.received - tally.written - tally.paused - tally.discarded
        return self._records()

    def _records(self) -> Records:
        """What the last file ends with."""
        records = {METADATA_PREFIX + episode.name: episode.as_metadata() for episode in self._log.episodes}
        records[SUMMARY_RECORD] = self.summary().as_entries()
        return {**records, "rosbag2": {"serialized_metadata": self._metadata().to_yaml()}}

    def _metadata(self) -> BagMetadata:
        summary = self.summary()
        counts = self._files.counts
        episodes = {
            f"cairn.episode.{episode.name}": json.dumps(episode.as_metadata(), ensure_ascii=False)
            for episode in summary.episodes
        }
        return BagMetadata(
            files=self._files.information,
            topics=tuple((self._tallies[topic.name].topic, counts[topic.name]) for topic in summary.topics),
            custom_data={**self._provenance.as_entries(), **summary.as_entries(), **episodes},
            ros_distro=self._provenance.ros_distro,
        )

    def _create_directory(self) -> None:
        if self._free_mb < self._options.min_free_mb:
            raise BagError(
                f"{self._bag.parent} has {self._free_mb:.0f} MB free, "
                f"expected at least {self._options.min_free_mb:.0f} MB (min_free_mb)"
            )
        try:
            self._bag.mkdir(parents=True)
        except FileExistsError:
            raise BagError(
                f"{self._bag} exists already; a bag is never overwritten: choose another name"
            ) from None
        except OSError as error:
            raise BagError(f"bag {self._bag} can't be created: {error.strerror}") from error


def _free_mb_above(bag: Path) -> float:
    """Free space where the bag is to be made [MB]."""
    return _free_mb(next(parent for parent in bag.absolute().parents if parent.exists()))


def _free_mb(path: Path) -> float:
    return shutil.disk_usage(path).free / 1e6
