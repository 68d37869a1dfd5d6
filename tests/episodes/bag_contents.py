"""What is in a bag, read by three readers that know nothing of each other."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mcap.reader import make_reader
from rosbags.highlevel import AnyReader

from cairn.episodes.bag_reader import BagReader


class Stored(NamedTuple):
    """A message: topic, log time [ns], bytes."""

    topic: str
    log_time: int
    data: bytes


def by_cairn(bag: Path) -> list[tuple[str, int, int, int, bytes]]:
    """Topic, log time, publish time, sequence and bytes."""
    return [
        (message.topic.name, message.log_time, message.publish_time, message.sequence, message.data)
        for message in BagReader(bag).messages()
    ]


def by_rosbags(bag: Path) -> list[Stored]:
    """From the directory by its metadata.yaml; every message is decoded too."""
    with AnyReader([bag]) as reader:
        found = []
        for connection, stamp, data in reader.messages():
            reader.deserialize(data, connection.msgtype)
            found.append(Stored(connection.topic, stamp, bytes(data)))
    return found


def by_mcap(bag: Path) -> list[Stored]:
    """From the one storage file."""
    with (bag / f"{bag.name}_0.mcap").open("rb") as stream:
        reader = make_reader(stream, validate_crcs=True)
        return [
            Stored(channel.topic, message.log_time, message.data)
            for _, channel, message in reader.iter_messages()
        ]


def assert_readers_agree(bag: Path) -> None:
    """All three find the same messages, and metadata.yaml counts them right."""
    ours = sorted((topic, stamp, data) for topic, stamp, _, _, data in by_cairn(bag))
    assert ours
    assert sorted(by_mcap(bag)) == ours
    assert sorted(by_rosbags(bag)) == ours
    with AnyReader([bag]) as reader:
        assert reader.message_count == len(ours)
