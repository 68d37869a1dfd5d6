"""Read bags, whole or cut."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from cairn.episodes.bag_error import BagError
from cairn.episodes.mcap_source import BagMessage, McapSource
from cairn.episodes.message_decoder import MessageDecoder
from cairn.episodes.provenance import Attachment
from cairn.episodes.topic import Topic


class BagReader:
    """Reads the MCAP files of a bag in their order.

    A bag whose recorder was killed is read up to the last chunk that reached the disk; `complete` is then
    False.

    Args:
        bag: a bag's directory, or a single .mcap file.

    Raises BagError when there is no such bag or a file of it can't be read.
    """

    def __init__(self, bag: Path) -> None:
        self._sources = [McapSource(path) for path in storage_files(bag)]
        self._decoder = MessageDecoder()

    @property
    def complete(self) -> bool:
        """Every file was closed properly; otherwise `recover` restores the index."""
        return all(source.complete for source in self._sources)

    @property
    def topics(self) -> dict[str, tuple[Topic, int]]:
        """Topics by name, with the number of their messages."""
        topics: dict[str, tuple[Topic, int]] = {}
        for source in self._sources:
            for name, (topic, count) in source.topics.items():
                topics[name] = (topic, count + (topics[name][1] if name in topics else 0))
        return topics

    @property
    def time_range(self) -> tuple[int, int]:
        """Earliest and latest log time [ns]; (0, 0) without messages."""
        ranges = [
            source.time_range for source in self._sources if any(count for _, count in source.topics.values())
        ]
        return min((start for start, _ in ranges), default=0), max((end for _, end in ranges), default=0)

    @property
    def metadata(self) -> Mapping[str, Mapping[str, str]]:
        """Key-value records by name, e.g. "cairn/provenance"; a later file's replace an earlier one's."""
        return {name: entries for source in self._sources for name, entries in source.metadata.items()}

    @property
    def attachments(self) -> list[Attachment]:
        """Files kept in the bag; what each file of a split bag repeats comes once."""
        return list(dict.fromkeys(found for source in self._sources for found in source.attachments()))

    def messages(
        self, topics: Collection[str] | None = None, start: int | None = None, end: int | None = None
    ) -> Iterator[BagMessage]:
        """Messages of `topics` (None: of all) by log time, in the order received where a file is cut.

        Args:
            topics: names.
            start: log time [ns] before which nothing is wanted.
            end: log time [ns] from which on nothing is wanted.

        Raises BagError for a topic that the bag lacks, and when a chunk can't be read.
        """
        if unknown := sorted(set(topics or ()) - self.topics.keys()):
            raise BagError(
                f"no topic {', '.join(unknown)} in the bag; it has {', '.join(sorted(self.topics))}"
            )
        for source in self._sources:
            yield from source.messages(topics, start, end)

    def decode(self, message: BagMessage) -> Any:
        """The message as a dataclass with the fields of its .msg file.  Raises BagError when it can't be."""
        return self._decoder.decode(message.topic, message.data)


def storage_files(bag: Path) -> list[Path]:
    """The MCAP files of a bag in the order of their numbers.  Raises BagError when there are none."""
    if bag.is_file() and bag.suffix == ".mcap":
        return [bag]
    if not bag.is_dir():
        raise BagError(f"{bag} is no bag: expected a directory with .mcap files, or one such file")
    files = sorted(bag.glob("*.mcap"), key=_file_number)
    if not files:
        raise BagError(f"{bag} is no bag: expected .mcap files in it, got none")
    return files


def _file_number(path: Path) -> tuple[int, str]:
    match = re.search(r"_(\d+)$", path.stem)
    return (int(match[1]) if match else 0, path.name)
