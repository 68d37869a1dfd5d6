"""What bags there are, at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_metadata import read_metadata
from cairn.episodes.bag_reader import storage_files
from cairn.episodes.mcap_records import is_finalised
from cairn.episodes.recording_lock import is_being_written


@dataclass(frozen=True)
class BagOverview:
    """What a bag's metadata says, without reading its messages.

    Attributes:
        bag: its directory.
        state: "complete"; "recording"; "cut": its recorder was killed, `recover` helps; "no metadata": so
            does it.
        start: log time of the first message [ns].
        duration: from the first to the last message [s].
        messages: number of messages; of a cut bag, those counted when metadata.yaml was last written.
        lost: messages that were published but are not in the bag, None when nobody counted.
        size: of all files [bytes].
    """

    bag: Path
    state: str
    start: int
    duration: float
    messages: int
    lost: int | None
    size: int


def find_bags(directory: Path) -> list[BagOverview]:
    """The bags in a directory and below it, by name.  Raises BagError when it is no directory."""
    if not directory.is_dir():
        raise BagError(f"expected a directory with bags, got {directory}")
    return [describe_bag(bag) for bag in sorted({path.parent for path in directory.rglob("*.mcap")})]


def describe_bag(bag: Path) -> BagOverview:
    """The overview of one bag.  Raises BagError when there is none or a file can't be opened."""
    files = storage_files(bag)
    try:
        size = sum(path.stat().st_size for path in files)
        state = _state(files)
    except OSError as error:
        raise BagError(f"{bag} can't be read: {error.strerror}") from error
    try:
        information = read_metadata(bag)
        lost = (information.get("custom_data") or {}).get("cairn.messages_lost")
        return BagOverview(
            bag=bag,
            state=state,
            start=int(information["starting_time"]["nanoseconds_since_epoch"]),
            duration=int(information["duration"]["nanoseconds"]) * 1e-9,
            messages=int(information["message_count"]),
            lost=None if lost is None else int(lost),
            size=size,
        )
    except (BagError, KeyError, TypeError, ValueError, AttributeError):
        return BagOverview(bag, "no metadata", start=0, duration=0.0, messages=0, lost=None, size=size)


def _state(files: list[Path]) -> str:
    if all(map(is_finalised, files)):
        return "complete"
    return "recording" if any(map(is_being_written, files)) else "cut"
