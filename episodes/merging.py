"""Put several bags together into one."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cairn.episodes.agreed_topics import agreed_topics
from cairn.episodes.bag_builder import WRITTEN_ANEW, BagBuilder
from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_metadata import recorded_distro
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.distinct_attachments import distinct_attachments
from cairn.episodes.distinct_names import distinct_name
from cairn.episodes.episode import METADATA_PREFIX
from cairn.episodes.merged_episodes import merged_episodes
from cairn.episodes.record_names import MERGE_RECORD, PROVENANCE_RECORD
from cairn.episodes.recorded_losses import recorded_losses
from cairn.episodes.repeat_filter import RepeatFilter

_CLOCK = "cairn.clock_source"


@dataclass(frozen=True)
class Renamed:
    """Something of `bag` that goes by another name now, since its old one was taken."""

    bag: str
    old: str
    new: str


@dataclass(frozen=True)
class Merge:
    """What was put together.

    Attributes:
        bag: the new one.
        messages: number of messages in it.
        repeats_left_out: latched messages repeated at the start of a file, of which the original is there.
        episodes: names of its episodes.
        episodes_renamed, attachments_renamed: whose names clashed.
        overlapping: pairs of bags that were recorded at the same time.
    """

    bag: Path
    messages: int
    repeats_left_out: int
    episodes: tuple[str, ...]
    episodes_renamed: tuple[Renamed, ...]
    attachments_renamed: tuple[Renamed, ...]
    overlapping: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Input:
    name: str
    reader: BagReader


def merge(bags: Sequence[Path], output: Path, report: Callable[[float], None] = lambda share: None) -> Merge:
    """Copy all messages of `bags` by log time, byte by byte, into a new bag.

    What is latched and repeated at a file's start is left out where the original message came before.
    Episodes and attachments keep their names, or get a number where those are taken; pieces of one episode
    that adjoin become one again, and attachments of equal content are kept once.

    Args:
        bags: at least two.
        output: the new bag's directory.
        report: called with the share done, 0 to 1.

    Raises BagError when bags disagree on a topic or on their clock, `output` exists, or something can't be
    read or written; then nothing is left at `output`.
    """
    if len(bags) < 2:
        raise BagError(f"expected at least two bags to merge, got {len(bags)}")
    inputs = _open(bags)
    _check_clocks(inputs)
    topics = agreed_topics(
        (item.name, {name: topic for name, (topic, _) in item.reader.topics.items()}) for item in inputs
    )
    total = sum(count for item in inputs for _, count in item.reader.topics.values())
    names = [item.name for item in inputs]
    distros = {recorded_distro(bag) for bag in bags}
    distro = distros.pop() if len(distros) == 1 else ""
    with BagBuilder(output, f"merged from {', '.join(names)}", distro) as builder:
        for topic in topics.values():
            builder.add_topic(topic)
        _describe(builder, inputs)
        episodes, episodes_renamed = _add_episodes(builder, inputs)
        attachments_renamed = _attach(builder, inputs)
        repeats, count = RepeatFilter(), 0
        streams = [item.reader.messages() for item in inputs]
        for message in heapq.merge(*streams, key=lambda message: message.log_time):
            if repeats.is_repeat(message):
                continue
            builder.add(message)
            count += 1
            if not count % 1000:
                report(count / total)
        builder.set_losses(_losses(inputs))
    return Merge(
        output, count, repeats.found, episodes, episodes_renamed, attachments_renamed, _overlapping(inputs)
    )


def _open(bags: Sequence[Path]) -> list[_Input]:
    inputs: list[_Input] = []
    for bag in bags:
        name = distinct_name(bag.resolve().name, {item.name for item in inputs})
        inputs.append(_Input(name, BagReader(bag)))
    return inputs


def _check_clocks(inputs: Sequence[_Input]) -> None:
    """Times of different clocks have no order."""
    known = {item.name: item.reader.metadata.get(PROVENANCE_RECORD, {}).get(_CLOCK) for item in inputs}
    if len({clock for clock in known.values() if clock}) > 1:
        told = ", ".join(f"{clock} in {name}" for name, clock in known.items() if clock)
        raise BagError(f"expected bags whose times come from one clock, got {told}")


def _describe(builder: BagBuilder, inputs: Sequence[_Input]) -> None:
    """Take over metadata: what all agree on once, what differs under distinct names."""
    taken: set[str] = set()
    written: list[tuple[str, dict[str, str]]] = []
    for item in inputs:
        for name, entries in item.reader.metadata.items():
            if name in WRITTEN_ANEW or name.startswith(METADATA_PREFIX) or (name, entries) in written:
                continue
            written.append((name, dict(entries)))
            free = distinct_name(name, taken)
            taken.add(free)
            builder.describe(free, entries)
    builder.describe(MERGE_RECORD, {str(number): item.name for number, item in enumerate(inputs)})


def _add_episodes(
    builder: BagBuilder, inputs: Sequence[_Input]
) -> tuple[tuple[str, ...], tuple[Renamed, ...]]:
    names, renamed = [], []
    for bag, old, piece in merged_episodes([(item.name, item.reader) for item in inputs]):
        name = piece.episode.name
        builder.describe(METADATA_PREFIX + name, piece.as_metadata())
        names.append(name)
        if name != old:
            renamed.append(Renamed(bag, old, name))
    return tuple(names), tuple(renamed)


def _attach(builder: BagBuilder, inputs: Sequence[_Input]) -> tuple[Renamed, ...]:
    renamed = []
    for bag, old, attachment in distinct_attachments((item.name, item.reader.attachments) for item in inputs):
        builder.attach(attachment)
        if attachment.name != old:
            renamed.append(Renamed(bag, old, attachment.name))
    return tuple(renamed)


def _losses(inputs: Sequence[_Input]) -> dict[str, tuple[int, int]] | None:
    total: dict[str, tuple[int, int]] = {}
    for item in inputs:
        losses = recorded_losses(item.reader)
        if losses is None:
            return None
        for topic, (dropped, missing) in losses.items():
            before = total.get(topic, (0, 0))
            total[topic] = (before[0] + dropped, before[1] + missing)
    return total


def _overlapping(inputs: Sequence[_Input]) -> tuple[tuple[str, str], ...]:
    ranges = sorted((item.reader.time_range, item.name) for item in inputs)
    return tuple(
        (name, later)
        for place, ((_, end), name) in enumerate(ranges)
        for (start, _), later in ranges[place + 1 :]
        if start < end
    )
