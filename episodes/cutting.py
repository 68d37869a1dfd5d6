"""Cut a stretch out of a bag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from cairn.episodes.bag_builder import WRITTEN_ANEW, BagBuilder
from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_metadata import recorded_distro
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.distinct_attachments import distinct_attachments
from cairn.episodes.episode import METADATA_PREFIX
from cairn.episodes.episode_piece import read_pieces
from cairn.episodes.latched_state import LatchedState, holds_on
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.record_names import CUT_RECORD
from cairn.episodes.recorded_losses import recorded_losses
from cairn.episodes.repeat_filter import RepeatFilter
from cairn.episodes.sequence_gaps import SequenceGaps


@dataclass(frozen=True)
class Stretch:
    """Log times [ns] from `start` on and before `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Cut:
    """What was cut.

    Attributes:
        bag: the new one.
        messages: number of messages of the stretch.
        repeated: number of latched messages from before it.
        episodes: names of the episodes that it holds, at least in part.
        duration: of the stretch [s].
    """

    bag: Path
    messages: int
    repeated: int
    episodes: tuple[str, ...]
    duration: float


def episode_stretch(reader: BagReader, name: str) -> Stretch:
    """Where an episode lies.  Raises BagError, naming those that there are, when there is no such one."""
    pieces = {piece.episode.name: piece.episode for piece in read_pieces(reader)}
    if name not in pieces:
        raise BagError(f"no episode {name!r} in the bag; it has {', '.join(pieces)}")
    return Stretch(pieces[name].start, pieces[name].end + 1)


def seconds_stretch(reader: BagReader, since: float | None, until: float | None) -> Stretch:
    """From `since` on and before `until` [s], counted from the bag's first message.

    None, and an `until` at or behind the end, means that the first and the last message are within.
    Raises BagError when there is nothing between them.
    """
    first, last = reader.time_range
    duration = (last - first) * 1e-9
    for word, value in (("from", since), ("to", until)):
        if value is not None and not (isfinite(value) and value >= 0.0):
            raise BagError(f"--{word}: expected seconds since the bag's first message, got {value:g}")
    if since is not None and since > duration:
        raise BagError(f"--from {since:g}: the bag ends after {duration:.3f} s")
    if since is not None and until is not None and until <= since:
        raise BagError(f"expected --from to lie before --to, got {since:g} s and {until:g} s")
    start = first if since is None else first + round(since * 1e9)
    end = last if until is None else first + round(until * 1e9)
    return Stretch(start, last + 1 if end >= last else end)


def cut(
    bag: Path,
    output: Path,
    choose: Callable[[BagReader], Stretch],
    report: Callable[[float], None] = lambda share: None,
) -> Cut:
    """Copy a stretch of a bag, byte by byte, into a new bag that needs nothing of the old one.

    Latched messages from before the stretch are repeated at its start, with their own publish times and
    numbers; what the files of a split bag repeat is told once.  Attachments, provenance and foreign metadata
    go with it; episodes do as far as they lie in it.

    Args:
        bag: the old bag; that of a killed recorder is read up to the cut.
        output: the new bag's directory.
        choose: says which stretch.
        report: called with the share done, 0 to 1.

    Raises BagError when the stretch holds no message, `output` exists, or one of them can't be read or
    written; then nothing is left at `output`.
    """
    reader = BagReader(bag)
    new = BagBuilder(output, f"cut from {bag.resolve().name}", recorded_distro(bag))
    wanted = choose(reader)
    repeats = RepeatFilter()
    before = _latched_before(reader, wanted.start, repeats)
    read = reader.messages(start=wanted.start, end=wanted.end)
    messages = (message for message in read if not repeats.is_repeat(message))
    first = next(messages, None)
    if first is None:
        begin, _ = reader.time_range
        limits = [(moment - begin) * 1e-9 for moment in (wanted.start, wanted.end)]
        raise BagError(f"{bag} has no message between {limits[0]:.3f} s and {limits[1]:.3f} s")
    with new as builder:
        episodes = _describe(builder, reader, bag, wanted)
        for message in before:
            builder.add(message, wanted.start)
        count = 0
        gaps = {name: SequenceGaps() for name in recorded_losses(reader) or ()}
        for message in _chain(first, messages):
            builder.add(message)
            count += 1
            if message.topic.name in gaps:
                gaps[message.topic.name].add(message.sequence)
            if not count % 1000:
                report((message.log_time - wanted.start) / (wanted.end - wanted.start))
        builder.set_losses(_losses(reader, gaps))
    return Cut(output, count, len(before), episodes, (wanted.end - 1 - wanted.start) * 1e-9)


def _describe(builder: BagBuilder, reader: BagReader, bag: Path, stretch: Stretch) -> tuple[str, ...]:
    """Everything of the new bag but its messages; returns the names of its episodes."""
    for name, entries in reader.metadata.items():
        if name not in WRITTEN_ANEW and name != CUT_RECORD and not name.startswith(METADATA_PREFIX):
            builder.describe(name, entries)
    older = reader.metadata.get(CUT_RECORD, {})
    entries = {"bag": bag.resolve().name, "start": str(stretch.start), "end": str(stretch.end)}
    builder.describe(CUT_RECORD, {**entries, **{f"before.{key}": text for key, text in older.items()}})
    for _, _, attachment in distinct_attachments([(bag.name, reader.attachments)]):
        builder.attach(attachment)
    for topic, _ in reader.topics.values():
        builder.add_topic(topic)
    names = []
    for piece in read_pieces(reader):
        clipped = piece.clip(stretch.start, stretch.end)
        if clipped is not None:
            builder.describe(METADATA_PREFIX + piece.episode.name, clipped.as_metadata())
            names.append(piece.episode.name)
    return tuple(names)


def _latched_before(reader: BagReader, moment: int, repeats: RepeatFilter) -> list[BagMessage]:
    """What holds at log time `moment` [ns]; shows `repeats` all that later files may repeat."""
    state = LatchedState(topic for topic, _ in reader.topics.values())
    topics = [name for name, (topic, _) in reader.topics.items() if holds_on(topic)]
    for message in reader.messages(topics, end=moment):
        if not repeats.is_repeat(message) and message.topic.name in state.topics:
            state.add(message)
    return state.messages


def _losses(reader: BagReader, gaps: dict[str, SequenceGaps]) -> dict[str, tuple[int, int]] | None:
    """What is missing in the stretch; None where the recorder or the numbers don't tell."""
    if recorded_losses(reader) is None:
        return None
    found = {name: gap.missing for name, gap in gaps.items()}
    known = {name: (0, missing) for name, missing in found.items() if missing is not None}
    return known if len(known) == len(found) else None


def _chain(first: BagMessage, rest: Iterator[BagMessage]) -> Iterator[BagMessage]:
    yield first
    yield from rest
