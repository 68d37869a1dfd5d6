"""What a trajectory needs of a bag, whatever holds its messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.topic import Topic


class BagSource(Protocol):
    """A bag that was opened for reading: MCAP (`BagReader`) or sqlite3 (`SqliteBag`)."""

    @property
    def topics(self) -> dict[str, tuple[Topic, int]]:
        """Topics by name, with the number of their messages."""

    @property
    def time_range(self) -> tuple[int, int]:
        """Earliest and latest log time [ns]."""

    @property
    def metadata(self) -> Mapping[str, Mapping[str, str]]:
        """Key-value records by name."""

    def messages(
        self, topics: Collection[str] | None = None, start: int | None = None, end: int | None = None
    ) -> Iterator[BagMessage]:
        """Messages of `topics` logged from `start` to before `end` [ns]."""

    def decode(self, message: BagMessage) -> Any:
        """The message as a dataclass.  Raises BagError."""


def open_bag(path: Path) -> BagSource:
    """The bag in a directory or single file.  Raises BagError when it can't be read."""
    if path.suffix == ".db3" or (path.is_dir() and any(path.glob("*.db3"))):
        from cairn.episodes.sqlite_bag import SqliteBag

        return SqliteBag(path)
    return BagReader(path)
