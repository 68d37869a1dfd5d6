"""Record messages into a rosbag2 bag without ever making the caller wait."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_ledger import BagLedger
from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.episode import Episode
from cairn.episodes.episode_log import EpisodeEvent
from cairn.episodes.latched_messages import is_latched
from cairn.episodes.message_queue import MessageQueue
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic
from cairn.episodes.writer_thread import Batch, Held, Item, Labelled, Queued, WriterThread, free_mb


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
        self._queue: MessageQueue[Item] = MessageQueue(int(options.max_queue_mb * 1e6))
        self._ledger = BagLedger(_create_directory(bag, options.min_free_mb))
        try:
            self._thread = WriterThread(bag, options, provenance, self._queue, self._ledger)
        except OSError as error:
            shutil.rmtree(bag, ignore_errors=True)
            raise BagError(f"bag {bag} can't be written: {error.strerror}") from error
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
        self._queue.put(Held(message))

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
                    self._queue.put(Held(message))  # it still holds when the pause is over
                return False
            kept = self._queue.put(Queued(message, tally, time.monotonic()), len(message.data))
            tally.dropped += not kept
        return kept

    def add_all(self, messages: tuple[ReceivedMessage, ...]) -> None:
        """Record messages that are in memory anyway; the bound on the queue doesn't concern them."""
        self._queue.put(Batch(messages))

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
            tally.dropped += not self._queue.put(Labelled(change, Queued(message, tally, time.monotonic())))
        return change.episode

    def summary(self) -> BagSummary:
        """Figures up to now."""
        return self._thread.summary()

    def finish(self, reason: str = "closed") -> None:
        """Accept nothing more; the thread writes what is queued and completes the bag.  Returns at once."""
        self._thread.end(reason)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the bag is complete, after at most `timeout` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def close(self, reason: str = "closed") -> BagSummary:
        """Write what is queued, complete the bag and return its figures.  Safe to call twice."""
        self.finish(reason)
        self.wait()
        return self.summary()


def _create_directory(bag: Path, min_free_mb: float) -> float:
    """Make the bag's directory; returns what the disk has left [MB]."""
    existing = next(parent for parent in bag.absolute().parents if parent.exists())
    free = free_mb(existing)
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
