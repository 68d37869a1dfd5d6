"""The last seconds in memory."""

import time
from types import SimpleNamespace

import pytest

from cairn.episodes import snapshot_ring
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.snapshot_ring import SnapshotRing


class Clock:
    """A monotonic clock under the hand of the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(snapshot_ring, "time", SimpleNamespace(monotonic=clock.monotonic))
    assert time.monotonic is not clock.monotonic
    return clock


def message(number: int, topic: str = "/chatter", size: int = 10) -> ReceivedMessage:
    return ReceivedMessage(topic, bytes(size), number, number, b"p", number)


def numbers(ring: SnapshotRing) -> list[int]:
    return [found.log_time for found in ring.snapshot().messages]


def test_it_reaches_back_as_far_as_asked(clock: Clock) -> None:
    ring = SnapshotRing(seconds=2.0, max_bytes=1000)
    for number in range(10):
        clock.now = 100.0 + 0.5 * number
        ring.add(message(number))
    assert numbers(ring) == [5, 6, 7, 8, 9]
    assert ring.bytes == 50
    clock.now += 1.0
    assert numbers(ring) == [7, 8, 9]  # also when nothing comes any more


def test_its_memory_is_bounded(clock: Clock) -> None:
    ring = SnapshotRing(seconds=60.0, max_bytes=35)
    for number in range(10):
        ring.add(message(number))
    assert numbers(ring) == [7, 8, 9]
    assert ring.bytes == 30


def test_what_was_latched_before_comes_with_it(clock: Clock) -> None:
    ring = SnapshotRing(seconds=2.0, max_bytes=1000)
    ring.add(message(1, "/tf_static"), latched=True)
    ring.add(message(2, "/tf_static"), latched=True)
    clock.now += 10.0
    ring.add(message(3))
    ring.add(message(4, "/tf_static"), latched=True)
    snapshot = ring.snapshot()
    assert [found.log_time for found in snapshot.latched] == [2]
    assert [found.log_time for found in snapshot.messages] == [3, 4]


def test_no_seconds_keep_nothing() -> None:
    ring = SnapshotRing(seconds=0.0, max_bytes=1000)
    ring.add(message(1))
    assert not ring.enabled
    assert ring.snapshot().messages == ()
