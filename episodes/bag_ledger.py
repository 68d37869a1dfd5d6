"""What a recording knows of itself while two threads work on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_files import BagFiles
from cairn.episodes.bag_summary import BagSummary
from cairn.episodes.episode import Episode, Verdict
from cairn.episodes.episode_log import EpisodeEvent, EpisodeLog
from cairn.episodes.storage_part import StoragePart
from cairn.episodes.topic import Topic
from cairn.episodes.topic_tally import TopicTally
from cairn.hardware.episode_action import EpisodeAction


class Change(NamedTuple):
    """What an event changed.

    Attributes:
        episode: the one that is meant, as it is now.
        begins: it begins with the event.
        ends: an episode ends with the event, and none begins.
        under_way: the one under way now.
        changed: all whose description is another now.
    """

    episode: Episode
    begins: bool
    ends: bool
    under_way: Episode | None
    changed: tuple[Episode, ...]


class BagLedger:
    """Figures, pauses and episodes of one bag, shared by the thread that receives and the one that writes.

    Attributes:
        lock: held by whoever changes the figures of a tally; the methods take it themselves.
    """

    def __init__(self, free_mb: float) -> None:
        self.lock = Lock()
        self._tallies: dict[str, TopicTally] = {}
        self._times: tuple[int, int] | None = None
        self._reason = ""
        self._failed = False
        self._complete = False
        self._longest_flush = 0.0
        self._free_mb = free_mb
        self._pauses: list[tuple[int, int]] = []
        self._log = EpisodeLog()
        self._discarded_files: tuple[str, ...] = ()

    @property
    def paused(self) -> bool:
        """Messages are knowingly not kept."""
        return bool(self._pauses) and self._pauses[-1][1] == 0

    @property
    def failed(self) -> bool:
        """The recording was ended by what went wrong, and nothing more should be written."""
        return self._failed

    def add_topic(self, topic: Topic) -> bool:
        """Open a tally; False when there is one already."""
        with self.lock:
            if topic.name in self._tallies:
                return False
            self._tallies[topic.name] = TopicTally(topic)
            return True

    def tally(self, topic: str) -> TopicTally:
        """Figures of a topic; KeyError when nobody announced it."""
        return self._tallies[topic]

    def pause(self, stamp: int) -> None:
        """From log time `stamp` [ns] on nothing is wanted."""
        with self.lock:
            if not self.paused:
                self._pauses.append((stamp, 0))

    def resume(self, stamp: int) -> None:
        """From log time `stamp` [ns] on everything is wanted again."""
        with self.lock:
            if self.paused:
                self._pauses[-1] = (self._pauses[-1][0], stamp)

    def end(self, reason: str, failed: bool) -> None:
        """Why nothing more is accepted; the first reason stands, unless something fails after it."""
        with self.lock:
            if not self._reason or (failed and not self._failed):
                self._reason, self._failed = reason, failed

    def label(self, event: EpisodeEvent) -> Change:
        """Raises BagError, and changes nothing, after the end and for an episode that there is not."""
        with self.lock:
            if self._reason:
                raise BagError(f"the recording has ended: {self._reason}")
            before = self._log.current
            episode, now = self._log.add(event), self._log.current
            ended = before is not None and (now is None or now.name != before.name)
            names = {episode.name, before.name} if before is not None and ended else {episode.name}
            changed = tuple(known for known in self._log.episodes if known.name in names)
        begins = event.kind is EpisodeAction.START
        return Change(episode, begins, ended and not begins, now, changed)

    def complete(self) -> None:
        """All messages are written: the episode under way ends with the last of them."""
        with self.lock:
            self._complete = True
            if (current := self._log.current) is not None:
                self._log.close(max(current.start, self._times[1] if self._times else 0))

    def note_written(self, tally: TopicTally, log_time: int, late: bool) -> None:
        """A message is in the file."""
        with self.lock:
            tally.written += 1
            tally.late += late
            first, last = self._times or (log_time, log_time)
            self._times = min(first, log_time), max(last, log_time)

    def note_flush(self, seconds: float, free_mb: float) -> None:
        """The disk took so long [s] and has this much left [MB]."""
        with self.lock:
            self._longest_flush = max(self._longest_flush, seconds)
            self._free_mb = free_mb

    def note_removed(self, parts: Sequence[StoragePart]) -> None:
        """These files are removed with the discarded episodes that they hold."""
        with self.lock:
            self._discarded_files = tuple(part.path.name for part in parts)
            for part in parts:
                for topic, count in (part.counts - part.repeated).items():
                    self._tallies[topic].written -= count
                    self._tallies[topic].discarded += count

    def recount(self, files: BagFiles) -> None:
        """Set the figures to what is in the files, after some of what was written is lost again."""
        kept, repeated = files.counts, files.repeated
        filled = [file for file in files.information if file.message_count]
        with self.lock:
            self._times = None
            if filled:
                end = max(file.start + file.duration for file in filled)
                self._times = min(file.start for file in filled), end
            for name, tally in self._tallies.items():
                tally.written = kept[name] - repeated[name]
                tally.dropped = tally.received - tally.written - tally.paused - tally.discarded

    def is_discarded(self, part: StoragePart) -> bool:
        """Whether a file holds nothing but a discarded episode."""
        return part.is_begun and any(
            episode.start <= part.start and part.end <= episode.end
            for episode in self._log.episodes
            if episode.verdict is Verdict.DISCARDED
        )

    def summary(self, files: BagFiles, queued_bytes: int) -> BagSummary:
        """Figures up to now."""
        with self.lock:
            start, end = self._times or (0, 0)
            return BagSummary(
                recording=not self._reason,
                paused=self.paused,
                complete=self._complete,
                reason=self._reason,
                failed=self._failed,
                start=start,
                end=end,
                bytes_written=files.size,
                queued_bytes=queued_bytes,
                free_mb=self._free_mb,
                longest_flush=self._longest_flush,
                pauses=tuple(self._pauses),
                episodes=self._log.episodes,
                episode=self._log.current,
                files=tuple(part.path.name for part in files.parts),
                discarded_files=self._discarded_files,
                topics=tuple(tally.summary() for tally in self._tallies.values()),
            )

    def topics(self, counts: Mapping[str, int]) -> tuple[tuple[Topic, int], ...]:
        """Topics in order of appearance, each with its number in `counts`."""
        with self.lock:
            return tuple((tally.topic, counts.get(name, 0)) for name, tally in self._tallies.items())


def custom_data(summary: BagSummary) -> dict[str, str]:
    """What metadata.yaml says of a recording beyond what rosbag2 knows; episodes as JSON."""
    episodes = {
        f"cairn.episode.{episode.name}": json.dumps(episode.as_metadata(), ensure_ascii=False)
        for episode in summary.episodes
    }
    return {**summary.as_entries(), **episodes}
