"""Make a new bag out of what other bags hold."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_metadata import BagMetadata, FileInformation
from cairn.episodes.mcap_file import McapFile
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.provenance import Attachment
from cairn.episodes.record_names import PROVENANCE_RECORD, ROSBAG2_RECORD, SUMMARY_RECORD
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic

WRITTEN_ANEW = (SUMMARY_RECORD, ROSBAG2_RECORD)
"""Metadata records that say what is in a bag, and so can't be taken over from another."""


@dataclass
class _Tally:
    """Figures of one topic: messages written, log time of the last, longest time between two [ns]."""

    topic: Topic
    written: int = 0
    last: int = 0
    longest_gap: int = 0

    def add(self, stamp: int) -> None:
        if self.written:
            self.longest_gap = max(self.longest_gap, stamp - self.last)
        self.last = stamp
        self.written += 1


class BagBuilder:
    """A new rosbag2 bag that appears whole when its `with` block ends, or not at all when that fails.

    Args:
        bag: the directory to create; its last part names the bag.
        reason: where it comes from, in words.
        ros_distro: the distribution that recorded the messages, empty when unknown.

    Raises BagError when the directory exists, and when the disk refuses something.
    """

    def __init__(self, bag: Path, reason: str, ros_distro: str = "") -> None:
        if bag.exists() or bag.is_symlink():
            raise BagError(f"{bag} exists already; a bag is never overwritten: choose another name")
        self._bag = bag
        self._unfinished = bag.with_name(f".{bag.name}.unfinished-{os.getpid()}")
        self._reason = reason
        self._ros_distro = ros_distro
        self._tallies: dict[str, _Tally] = {}
        self._times: tuple[int, int] | None = None
        self._origin: Mapping[str, str] = {}
        self._losses: Mapping[str, tuple[int, int]] | None = None

    def __enter__(self) -> BagBuilder:
        try:
            self._unfinished.mkdir(parents=True)
            self._file = McapFile(self._unfinished / f"{self._bag.name}_0.mcap", StorageOptions())
        except OSError as error:
            self._discard()
            raise self._refusal(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        except OSError as refused:
            error = refused
        except BaseException:
            self._file.abandon()
            self._discard()
            raise
        if error is None:
            return
        self._file.abandon()
        self._discard()
        if isinstance(error, OSError):
            raise self._refusal(error) from error

    def add_topic(self, topic: Topic) -> None:
        """Register a topic; its messages may follow."""
        self._tallies[topic.name] = _Tally(topic)
        self._file.add_topic(topic)

    def add(self, message: BagMessage, log_time: int | None = None) -> None:
        """Append a message with its bytes as they are, at `log_time` [ns] or else its own."""
        stamp = message.log_time if log_time is None else log_time
        name = message.topic.name
        self._file.add_message(name, message.data, stamp, message.publish_time, message.sequence)
        self._tallies[name].add(stamp)
        first, last = self._times or (stamp, stamp)
        self._times = (min(first, stamp), max(last, stamp))

    def attach(self, attachment: Attachment) -> None:
        """Keep a file in the bag."""
        self._file.add_attachment(attachment.name, attachment.media_type, attachment.data, time.time_ns())

    def describe(self, name: str, entries: Mapping[str, str]) -> None:
        """Append named key-value pairs."""
        if name == PROVENANCE_RECORD:
            self._origin = entries
        self._file.add_metadata(name, entries)

    def set_losses(self, losses: Mapping[str, tuple[int, int]] | None) -> None:
        """Messages dropped by the recorder and those that never reached it, by topic; None: nobody knows."""
        self._losses = losses

    def _finish(self) -> None:
        summary = self._summary()
        self._file.add_metadata(SUMMARY_RECORD, summary)
        metadata = self._metadata(summary)
        self._file.add_metadata(ROSBAG2_RECORD, {"serialized_metadata": metadata.to_yaml()})
        self._file.close()
        metadata.write(self._unfinished)
        self._unfinished.rename(self._bag)

    def _summary(self) -> dict[str, str]:
        """In the words of the recorder."""
        entries = {
            "cairn.state": "closed",
            "cairn.reason": self._reason,
            "cairn.failed": "false",
            "cairn.messages_written": str(self._count),
        }
        if self._losses is not None:
            entries["cairn.messages_lost"] = str(sum(map(sum, self._losses.values())))
            for name, (dropped, missing) in self._losses.items():
                entries[f"cairn.lost.{name}"] = f"dropped {dropped}, missing {missing}"
        for name, tally in self._tallies.items():
            entries[f"cairn.longest_gap.{name}"] = f"{tally.longest_gap * 1e-9:.3f} s"
        return entries

    @property
    def _count(self) -> int:
        return sum(tally.written for tally in self._tallies.values())

    def _metadata(self, summary: Mapping[str, str]) -> BagMetadata:
        start, end = self._times or (0, 0)
        return BagMetadata(
            files=(FileInformation(f"{self._bag.name}_0.mcap", start, end - start, self._count),),
            topics=tuple((tally.topic, tally.written) for tally in self._tallies.values()),
            custom_data={**self._origin, **summary},
            ros_distro=self._ros_distro,
        )

    def _discard(self) -> None:
        shutil.rmtree(self._unfinished, ignore_errors=True)

    def _refusal(self, error: OSError) -> BagError:
        return BagError(f"bag {self._bag} can't be written: {error.strerror or error}")
