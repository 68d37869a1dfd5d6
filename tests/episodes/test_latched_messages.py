"""Which messages hold until the next, and which of them is the last."""

from dataclasses import replace

import pytest
from sample_bags import CHATTER, topic_of

from cairn.episodes.latched_messages import LatchedMessages, is_latched
from cairn.episodes.offered_qos import OfferedQos
from cairn.episodes.received_message import ReceivedMessage


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (OfferedQos(durability=1), True),
        (OfferedQos(durability=2), False),
        (OfferedQos(durability=1, lifespan=(10, 0)), False),  # as /rosout
    ],
)
def test_a_durable_topic_is_latched_unless_it_expires(offered: OfferedQos, expected: bool) -> None:
    assert is_latched(replace(CHATTER, offered_qos=(OfferedQos(), offered))) is expected


def test_camera_info_is_latched_whatever_its_publisher_offers() -> None:
    assert is_latched(topic_of("/camera_info", "sensor_msgs/msg/CameraInfo"))


def test_the_last_of_each_publisher_is_kept_and_few_publishers() -> None:
    latched = LatchedMessages()
    assert not latched
    for time, publisher in enumerate((b"a", b"b", b"a")):
        latched.add(ReceivedMessage("/tf_static", b"", time, time, publisher))
    assert [(found.publisher, found.log_time) for found in latched] == [(b"b", 1), (b"a", 2)]
    for number in range(20):
        latched.add(ReceivedMessage("/tf_static", b"", number, number, str(number).encode()))
    kept = [found.publisher for found in latched]
    assert len(kept) == 16
    assert kept[-1] == b"19"
    assert b"a" not in kept
