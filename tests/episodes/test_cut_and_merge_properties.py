"""Whatever is cut to pieces can be put together again."""

import shutil
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from bag_contents import assert_readers_agree, by_cairn
from hypothesis import given, settings
from hypothesis import strategies as some
from labelled_drive import LATCHED, VOLATILE
from sample_bags import STORE, text_message

from cairn.episodes.bag_builder import BagBuilder
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.cutting import Stretch, cut
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.merging import merge
from cairn.episodes.topic import Topic

DEFINITION, _ = STORE.generate_msgdef("std_msgs/msg/String", ros_version=2)
TOPICS = [
    Topic("/volatile", "std_msgs/msg/String", DEFINITION, (VOLATILE,)),
    Topic("/latched", "std_msgs/msg/String", DEFINITION, (LATCHED,)),
    Topic("/latched_twice", "std_msgs/msg/String", DEFINITION, (LATCHED, LATCHED)),
]
# Few moments, so that several messages share one, and a cut falls on some.
MOMENTS = some.integers(0, 12).map(lambda tick: 1000 * tick)
MESSAGES = some.lists(
    some.tuples(MOMENTS, some.integers(0, 2), some.text(max_size=3)), min_size=1, max_size=25
)


def write(bag: Path, messages) -> None:
    with BagBuilder(bag, "test") as builder:
        for topic in TOPICS:
            builder.add_topic(topic)
        for number, (moment, topic, text) in enumerate(sorted(messages), 1):
            builder.add(BagMessage(TOPICS[topic], moment, moment, number, text_message(text)))


def edges_between(limits, moments):
    """Where to cut, so that each piece has a message."""
    edges = [0]
    for limit in limits:
        if any(edges[-1] <= moment < limit for moment in moments) and limit <= max(moments):
            edges.append(limit)
    return [*edges, max(moments) + 1]


@settings(max_examples=15, deadline=None)
@given(MESSAGES, some.sets(MOMENTS, max_size=4), some.randoms())
def test_pieces_in_any_order_make_the_bag(messages, limits, chance):
    with TemporaryDirectory() as name:
        directory = Path(name)
        write(directory / "bag", messages)
        edges = edges_between(sorted(limits), {moment for moment, _, _ in messages})
        pieces = []
        for number, (start, end) in enumerate(pairwise(edges)):
            pieces.append(directory / str(number))
            cut(directory / "bag", pieces[-1], lambda _, start=start, end=end: Stretch(start, end))
            assert_readers_agree(pieces[-1])
        if len(pieces) == 1:
            assert by_cairn(pieces[0]) == by_cairn(directory / "bag")
            return
        chance.shuffle(pieces)
        merge(pieces, directory / "again")
        assert by_cairn(directory / "again") == by_cairn(directory / "bag")
        assert_readers_agree(directory / "again")
        assert read_episodes(BagReader(directory / "again")) == read_episodes(BagReader(directory / "bag"))


@settings(max_examples=10, deadline=None)
@given(MESSAGES, MESSAGES)
def test_a_merge_has_all_messages_of_both_by_time(first, second):
    with TemporaryDirectory() as name:
        directory = Path(name)
        write(directory / "a", first)
        write(directory / "b", second)
        merge([directory / "a", directory / "b"], directory / "both")
        merged = by_cairn(directory / "both")
        assert [entry[1] for entry in merged] == sorted(entry[1] for entry in merged)
        assert sorted(merged) == sorted(by_cairn(directory / "a") + by_cairn(directory / "b"))
        shutil.rmtree(directory / "both")
