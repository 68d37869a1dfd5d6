"""A regular topic that misses a beat is heard."""

from cairn.episodes.topic_rhythm import TopicRhythm


def listened(intervals: list[float]) -> TopicRhythm:
    rhythm = TopicRhythm()
    for interval in intervals:
        rhythm.add(interval)
    return rhythm


def test_a_silence_on_a_regular_topic_counts() -> None:
    steady = [0.031, 0.035] * 20
    assert listened(steady).gaps == 0
    assert listened([*steady, 0.2, *steady, 0.1]).gaps == 2


def test_a_lasting_change_of_rate_is_learned() -> None:
    assert 0 < listened([0.033] * 40 + [0.1] * 200).gaps < 15


def test_what_is_irregular_has_no_gaps() -> None:
    assert listened([0.1, 3.0, 0.02, 0.5, 8.0, 0.1, 0.9] * 20).gaps == 0


def test_a_clock_that_jumps_back_is_no_gap() -> None:
    assert listened([0.033] * 40 + [-3600.0, 0.0] + [0.033] * 5).gaps == 0
