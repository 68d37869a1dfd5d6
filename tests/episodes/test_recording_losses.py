"""Nothing is lost in silence: what is late, paused or missing is counted, topic by topic."""

import time
from pathlib import Path
from threading import Event

import pytest
import yaml
from sample_bags import CHATTER, IMAGE, SECOND, open_writer, text_message, texts_by_rosbags

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.mcap_file import McapFile


def custom_data(bag: Path) -> dict:
    return yaml.safe_load((bag / "metadata.yaml").read_text())["rosbag2_bagfile_information"]["custom_data"]


def test_messages_that_a_slow_disk_delays_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk_answers, flush = Event(), McapFile.flush

    def slow(file: McapFile) -> None:
        disk_answers.wait(30.0)
        flush(file)

    monkeypatch.setattr(McapFile, "flush", slow)
    writer = open_writer(tmp_path / "run", flush_period=0.05)
    for number in range(20):
        assert writer.write(CHATTER.name, text_message(str(number)), number, number)
    disk_answers.wait(0.5)  # the disk takes ten flush periods
    disk_answers.set()
    summary = writer.close()
    assert summary.messages_lost == 0
    assert 15 <= summary.messages_late <= 20
    assert summary.longest_flush >= 0.4
    custom = custom_data(tmp_path / "run")
    assert custom["cairn.late./chatter"] == str(summary.messages_late)
    assert f"{CHATTER.name}: late {summary.messages_late}" in summary.in_words()


def test_a_silence_is_a_gap_only_where_nobody_numbers(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    times = [number * SECOND // 10 for number in range(60) if number not in (40, 41, 42)]
    for stamp in times:
        writer.write(CHATTER.name, text_message(""), stamp, stamp)
        writer.write(IMAGE.name, b"\x00\x01\x00\x00", stamp, stamp, b"p", stamp * 10 // SECOND)
    chatter, image = writer.close().topics
    assert (chatter.gaps, chatter.missing, chatter.troubles) == (1, 0, "gaps 1")
    assert (image.gaps, image.missing, image.troubles) == (0, 3, "missing 3")
    assert custom_data(tmp_path / "run")["cairn.gaps./chatter"] == "1"


def test_a_pause_drops_knowingly(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    assert writer.write(CHATTER.name, text_message("before"), 1, 1, b"p", 1)
    writer.pause(2)
    assert writer.summary().paused
    assert not writer.write(CHATTER.name, text_message("meanwhile"), 3, 3, b"p", 2)
    writer.resume(4)
    assert writer.write(CHATTER.name, text_message("after"), 5, 5, b"p", 3)
    writer.pause(6)
    summary = writer.close()
    assert texts_by_rosbags(tmp_path / "run") == ["before", "after"]
    assert (summary.messages_lost, summary.messages_paused) == (0, 1)
    assert custom_data(tmp_path / "run")["cairn.pauses"] == "2-4 6-"


def test_an_error_in_the_writer_ends_the_recording_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("impossible")

    writer = open_writer(tmp_path / "run", flush_period=0.01)
    assert writer.write(CHATTER.name, text_message("before"), 1, 1)
    deadline = time.monotonic() + 30.0
    while not BagReader(tmp_path / "run").topics.get(CHATTER.name, (CHATTER, 0))[1]:  # until it is flushed
        assert time.monotonic() < deadline
    monkeypatch.setattr(McapFile, "add_message", broken)
    writer.write(CHATTER.name, text_message("after"), 2, 2)
    assert writer.wait(30.0)
    summary = writer.close()
    assert summary.failed
    assert summary.reason == "the writer failed: ValueError('impossible')"
    assert (summary.messages_written, summary.messages_lost) == (1, 1)
    assert texts_by_rosbags(tmp_path / "run") == ["before"]


def test_a_bag_says_that_it_is_closed_only_when_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states, close = [], McapFile.close

    def watched(file: McapFile) -> None:
        states.append(custom_data(tmp_path / "run")["cairn.state"])
        close(file)

    monkeypatch.setattr(McapFile, "close", watched)
    writer = open_writer(tmp_path / "run", flush_period=0.01)
    writer.write(CHATTER.name, text_message("first"), 1, 1)
    writer.close()
    assert [*states, custom_data(tmp_path / "run")["cairn.state"]] == ["recording", "closed"]
