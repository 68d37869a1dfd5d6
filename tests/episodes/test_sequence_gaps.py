"""Losses by the numbers of messages."""

from cairn.episodes.sequence_gaps import SequenceGaps


def missing(*numbers):
    gaps = SequenceGaps()
    return [gaps.add(number) for number in numbers], gaps.missing


def test_what_is_left_out_is_counted():
    assert missing(5, 6, 9, 10) == ([0, 0, 2, 0], 2)


def test_unnumbered_and_repeated_messages_say_nothing():
    assert missing(0, 0, 7, 7, 8, 0, 9) == ([0] * 7, 0)


def test_a_node_may_be_started_again():
    assert missing(8, 9, 1, 2, 4) == ([0, 0, 0, 0, 1], 1)


def test_of_several_publishers_nobody_can_tell():
    assert missing(100, 7, 101, 8, 102, 9, 103, 10)[1] is None
