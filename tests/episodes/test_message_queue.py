"""The queue between the receiving and the writing thread."""

from threading import Thread

from cairn.episodes.message_queue import MessageQueue


def test_it_is_bounded_by_bytes() -> None:
    queue = MessageQueue[str](max_bytes=10)
    assert queue.put("a", 6)
    assert not queue.put("b", 5)
    assert queue.put("c", 4)
    assert queue.put("control", 0)
    assert queue.bytes == 10
    assert queue.get(0.0) == "a"
    assert queue.put("b", 5)
    assert [queue.get(0.0) for _ in range(4)] == ["c", "control", "b", None]


def test_closing_keeps_what_is_in_it() -> None:
    queue = MessageQueue[str](max_bytes=10)
    queue.put("a", 1)
    queue.close()
    assert not queue.put("b", 1)
    assert not queue.drained
    assert queue.get(1.0) == "a"
    assert queue.drained


def test_closing_wakes_who_waits() -> None:
    queue = MessageQueue[str](max_bytes=10)
    waiting = Thread(target=queue.get, args=(60.0,))
    waiting.start()
    queue.close()
    waiting.join(10.0)
    assert not waiting.is_alive()
