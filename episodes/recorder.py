"""One bag after the other, and the last seconds in memory beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.episode import Episode
from cairn.episodes.episode_log import EpisodeEvent
from cairn.episodes.latched_messages import LatchedMessages, is_latched
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.snapshot_ring import SnapshotRing
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic


class Recorder:
    """Hands messages to the bag that is being recorded, if any, and to a ring of the last seconds.

    It knows what every bag needs from before its start: topics, attachments and latched messages.  Nothing
    waits for a disk; each bag is written and completed by a thread of its own, a snapshot's too, so that a
    long snapshot holds up no recording.  It belongs to the thread that receives.

    Args:
        options: of the bags.
        ring: what snapshots are taken from.
    """

    def __init__(self, options: StorageOptions, ring: SnapshotRing) -> None:
        self._options = options
        self._ring = ring
        self._topics: dict[str, Topic] = {}
        self._latched_topics: set[str] = set()
        self._latched = LatchedMessages()
        self._attachments: list[Attachment] = []
        self._writer: BagWriter | None = None
        self._stopped = True
        self._unfinished: list[BagWriter] = []
        self._failures = 0

    @property
    def recording(self) -> bool:
        """A bag is open and accepts messages, paused or not."""
        return self.refusal == ""

    @property
    def refusal(self) -> str:
        """Why there is no recording to pause, label or stop; empty when there is one."""
        if self._writer is None or self._stopped:
            return "nothing is being recorded"
        reason = self._writer.summary().reason
        return f"the recording ended by itself: {reason}" if reason else ""

    @property
    def failed(self) -> bool:
        """A bag ended by itself."""
        writers = [*self._unfinished, *([self._writer] if self._writer is not None else [])]
        return self._failures > 0 or any(writer.summary().failed for writer in writers)

    @property
    def bag(self) -> Path | None:
        """The present bag, or the last one."""
        return self._writer.bag if self._writer is not None else None

    @property
    def ring(self) -> SnapshotRing:
        """The last seconds."""
        return self._ring

    def summary(self) -> BagSummary | None:
        """Figures of the present bag, or of the last one; None before the first."""
        return self._writer.summary() if self._writer is not None else None

    def add_topic(self, topic: Topic) -> None:
        """Announce a topic before its first message."""
        self._topics.setdefault(topic.name, topic)
        if is_latched(topic):
            self._latched_topics.add(topic.name)
        if self._writer is not None:
            self._writer.add_topic(topic)

    def attach(self, attachment: Attachment) -> None:
        """Keep a file in this bag and all that follow."""
        self._attachments.append(attachment)
        if self._writer is not None:
            self._writer.attach(attachment)

    def add(self, message: ReceivedMessage) -> None:
        """A message of a topic announced before has come."""
        latched = message.topic in self._latched_topics
        if latched:
            self._latched.add(message)
        self._ring.add(message, latched)
        if self._writer is not None and not self._stopped:
            self._writer.add(message)

    def start(self, bag: Path, provenance: Provenance) -> None:
        """Begin a bag.

        Raises BagError, and changes nothing, when one is being recorded or this one can't be made.
        """
        if self.recording:
            raise BagError(f"recording to {self.bag} already: stop it before starting another bag")
        writer = BagWriter(bag, self._options, self._with_attachments(provenance))
        for topic in self._topics.values():
            writer.add_topic(topic)
        for message in self._latched:
            writer.hold(message)
        if self._writer is not None and not self._stopped:
            self._unfinished.append(self._writer)  # it ended by itself
        self._writer, self._stopped = writer, False

    def stop(self, reason: str) -> BagWriter:
        """End the recording; the bag is complete when the writer's `wait` says so.

        Raises BagError when nothing is being recorded.
        """
        if refusal := self.refusal:
            raise BagError(refusal)
        assert self._writer is not None
        self._stopped = True
        self._writer.finish(reason)
        self._unfinished.append(self._writer)
        return self._writer

    def pause(self, stamp: int) -> None:
        """Keep nothing but labels and latched messages from log time `stamp` [ns] on.

        Raises BagError when nothing is being recorded.
        """
        self._accepting().pause(stamp)

    def resume(self, stamp: int) -> None:
        """Go on at log time `stamp` [ns].  Raises BagError when nothing is being recorded."""
        self._accepting().resume(stamp)

    def label(self, event: EpisodeEvent, topic: Topic, encode: Callable[[Episode], bytes]) -> Episode:
        """As `BagWriter.label`.  Raises BagError, also when nothing is being recorded."""
        data = b""

        def encode_once(episode: Episode) -> bytes:
            nonlocal data
            data = encode(episode)
            return data

        episode = self._accepting().label(event, topic, encode_once)
        self._topics.setdefault(topic.name, topic)
        self._ring.add(ReceivedMessage(topic.name, data, event.stamp, event.stamp))
        return episode

    def take_snapshot(self, bag: Path, provenance: Provenance) -> BagWriter:
        """Write what the ring holds as a bag of its own; `settle` says how it ended.

        Raises BagError when the ring is off or empty, or the bag can't be made.
        """
        if not self._ring.enabled:
            raise BagError("no last seconds are kept: set snapshot_seconds above 0")
        snapshot = self._ring.snapshot()
        if not snapshot.messages:
            raise BagError("no message came in the last seconds: there is nothing to write")
        options = replace(
            self._options, split_mb=0.0, split_seconds=0.0, split_at_episodes=False, drop_discarded=False
        )
        further = {**provenance.further, "cairn.snapshot": "true"}
        writer = BagWriter(bag, options, self._with_attachments(replace(provenance, further=further)))
        wanted = {message.topic for message in (*snapshot.latched, *snapshot.messages)}
        for name in wanted:
            writer.add_topic(self._topics[name])
        for message in snapshot.latched:
            writer.hold(message)
        writer.add_all(snapshot.messages)
        writer.finish("snapshot")
        self._unfinished.append(writer)
        return writer

    def settle(self) -> list[BagWriter]:
        """Snapshots and stopped recordings whose bags have been completed since the last call."""
        done = [writer for writer in self._unfinished if writer.wait(0.0)]
        self._unfinished = [writer for writer in self._unfinished if writer not in done]
        self._failures += sum(writer.summary().failed for writer in done)
        return done

    def close(self, reason: str) -> BagWriter | None:
        """Complete all bags; returns the one that nobody had stopped, if any."""
        last = None if self._stopped else self._writer
        if last is not None:
            last.close(reason)
            self._stopped = True
        for writer in self._unfinished:
            writer.wait()
        return last

    def _accepting(self) -> BagWriter:
        if refusal := self.refusal:
            raise BagError(refusal)
        assert self._writer is not None
        return self._writer

    def _with_attachments(self, provenance: Provenance) -> Provenance:
        return replace(provenance, attachments=(*provenance.attachments, *self._attachments))
