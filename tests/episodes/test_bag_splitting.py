"""A bag in several files: nothing is lost between them, and each stands alone."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from mcap.reader import make_reader
from rosbags.highlevel import AnyReader
from sample_bags import (
    CHATTER,
    PROVENANCE,
    SECOND,
    STORE,
    open_writer,
    text_message,
    texts_by_mcap,
    texts_by_rosbags,
    topic_of,
)

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.episode import Episode, Verdict
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.episode_log import EpisodeEvent
from cairn.episodes.provenance import Attachment
from cairn.episodes.received_message import ReceivedMessage
from cairn.episodes.storage_options import StorageOptions
from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.setting import InvalidSetting

HERE = Path(__file__).parent
MAP = topic_of("/map_name", "std_msgs/msg/String")
MAP = replace(MAP, offered_qos=(replace(MAP.offered_qos[0], reliability=1, durability=1),))
EVENT = topic_of("/episode/event", "std_msgs/msg/String")


def files_of(bag: Path) -> list[Path]:
    return [bag / name for name in information(bag)["relative_file_paths"]]


def information(bag: Path) -> dict:
    return yaml.safe_load((bag / "metadata.yaml").read_text())["rosbag2_bagfile_information"]


def texts(path: Path, topic: str = CHATTER.name) -> list[str]:
    with path.open("rb") as stream:
        return [
            STORE.deserialize_cdr(message.data, CHATTER.type).data
            for _, _, message in make_reader(stream).iter_messages([topic])
        ]


def write_texts(writer: BagWriter, numbers: range) -> None:
    for number in numbers:
        assert writer.write(CHATTER.name, text_message(f"{number}"), number * SECOND, number * SECOND)


def label(writer: BagWriter, kind: EpisodeAction, stamp: float, episode: str = "") -> Episode:
    event = EpisodeEvent(kind, round(stamp * SECOND), episode)
    return writer.label(event, EVENT, lambda found: text_message(f"{kind.name} {found.name}"))


def assert_metadata_is_true(bag: Path) -> None:
    """metadata.yaml says of each file, and of all, what mcap's own reader finds."""
    found = information(bag)
    total: Counter[str] = Counter()
    assert [entry["path"] for entry in found["files"]] == found["relative_file_paths"]
    for entry in found["files"]:
        with (bag / entry["path"]).open("rb") as stream:
            summary = make_reader(stream).get_summary()
        statistics = summary.statistics
        assert entry["message_count"] == statistics.message_count
        assert entry["starting_time"]["nanoseconds_since_epoch"] == statistics.message_start_time
        assert entry["duration"]["nanoseconds"] == (
            statistics.message_end_time - statistics.message_start_time
        )
        for channel, count in statistics.channel_message_counts.items():
            total[summary.channels[channel].topic] += count
    assert found["message_count"] == total.total()
    counts = {
        entry["topic_metadata"]["name"]: entry["message_count"]
        for entry in found["topics_with_message_count"]
    }
    assert {topic: count for topic, count in counts.items() if count} == dict(total)
    assert sorted(path.name for path in bag.glob("*.mcap")) == sorted(found["relative_file_paths"])


def test_a_bag_splits_by_duration_and_each_file_stands_alone(tmp_path: Path) -> None:
    bag = tmp_path / "run"
    writer = open_writer(bag, split_seconds=10.0)
    writer.add_topic(MAP)
    writer.attach(Attachment("parameters/node.yaml", b"a: 1\n"))
    writer.write(MAP.name, text_message("shed"), 0, 0, b"m", 1)
    write_texts(writer, range(1, 35))
    writer.write(MAP.name, text_message("barn"), 35 * SECOND, 35 * SECOND, b"m", 2)
    write_texts(writer, range(36, 45))
    summary = writer.close()

    files = files_of(bag)
    assert [path.name for path in files] == [f"run_{number}.mcap" for number in range(5)]
    assert [list(map(int, texts(path))) for path in files] == [
        list(range(1, 10)),
        list(range(10, 20)),
        list(range(20, 30)),
        [30, 31, 32, 33, 34, 36, 37, 38, 39],
        list(range(40, 45)),
    ]
    assert [texts(path, MAP.name) for path in files] == [
        ["shed"], ["shed"], ["shed"], ["shed", "barn"], ["barn"],
    ]  # fmt: skip
    assert texts_by_rosbags(bag) == [str(number) for number in (*range(1, 35), *range(36, 45))]
    assert_metadata_is_true(bag)
    assert summary.messages_written == 45  # what is repeated is not counted
    with AnyReader([bag]) as reader:
        assert (reader.start_time, reader.end_time) == (0, 44 * SECOND + 1)
    for path in files:
        part = BagReader(path)
        assert part.complete
        assert part.metadata["cairn/provenance"] == PROVENANCE.as_entries()
        assert {attachment.name for attachment in part.attachments} == {
            "calibration.yaml", "parameters/node.yaml",
        }  # fmt: skip
        assert part.topics[CHATTER.name][0].definition
    whole = [attachment.name for attachment in BagReader(bag).attachments]
    assert whole == ["calibration.yaml", "parameters/node.yaml"]  # each once
    repeated = next(BagReader(files[1]).messages([MAP.name]))
    assert (repeated.log_time, repeated.publish_time) == (10 * SECOND, 0)


def test_a_bag_splits_by_size_without_a_loss(tmp_path: Path) -> None:
    bag = tmp_path / "run"
    writer = open_writer(bag, split_mb=0.1, chunk_kb=16, compression="none")
    for number in range(600):
        writer.write(CHATTER.name, text_message(f"{number:1000d}"), number, number, b"p", number)
    summary = writer.close()
    assert (summary.messages_written, summary.messages_lost) == (600, 0)
    assert [int(text) for text in texts_by_rosbags(bag)] == list(range(600))
    assert_metadata_is_true(bag)
    sizes = [path.stat().st_size for path in files_of(bag)]
    assert len(sizes) >= 5
    assert all(100_000 <= size < 130_000 for size in sizes[:-1])


def test_camera_info_and_messages_of_before_are_repeated(tmp_path: Path) -> None:
    info = topic_of("/camera_info", "sensor_msgs/msg/CameraInfo")
    writer = open_writer(tmp_path / "run", split_seconds=10.0)
    writer.add_topic(info)
    writer.hold(ReceivedMessage(info.name, b"\x00\x01\x00\x00", 1, 1))
    write_texts(writer, range(100, 115))
    summary = writer.close()
    for path, start in zip(files_of(tmp_path / "run"), (100, 110), strict=True):
        [message] = BagReader(path).messages([info.name])
        assert (message.log_time, message.publish_time) == (start * SECOND, 1)
    [figures] = (topic for topic in summary.topics if topic.name == info.name)
    assert (figures.received, figures.written) == (0, 0)


def test_what_was_latched_in_a_pause_is_what_the_next_file_begins_with(tmp_path: Path) -> None:
    bag = tmp_path / "run"
    writer = open_writer(bag, split_seconds=10.0)
    writer.add_topic(MAP)
    writer.write(MAP.name, text_message("shed"), 1 * SECOND, 1 * SECOND, b"m", 1)
    writer.pause(2 * SECOND)
    writer.write(MAP.name, text_message("barn"), 3 * SECOND, 3 * SECOND, b"m", 2)
    writer.resume(4 * SECOND)
    write_texts(writer, range(20, 22))
    writer.pause(22 * SECOND)
    writer.write(MAP.name, text_message("mill"), 23 * SECOND, 23 * SECOND, b"m", 3)
    writer.close()
    first, second = files_of(bag)
    assert texts(first, MAP.name) == ["shed"]
    assert texts(second, MAP.name) == ["barn", "mill"]  # the last held when the recording ended
    assert_metadata_is_true(bag)
    embedded = BagReader(second).metadata["rosbag2"]["serialized_metadata"]
    assert yaml.safe_load(embedded)["rosbag2_bagfile_information"]["message_count"] == 5


def test_each_episode_has_a_file_and_discarded_ones_are_removed(tmp_path: Path) -> None:
    bag = tmp_path / "run"
    writer = open_writer(bag, split_at_episodes=True, drop_discarded=True)
    writer.add_topic(MAP)
    write_texts(writer, range(1, 3))
    label(writer, EpisodeAction.START, 3, "good")
    write_texts(writer, range(4, 6))
    label(writer, EpisodeAction.KEEP, 6)
    write_texts(writer, range(7, 9))
    label(writer, EpisodeAction.START, 9, "bad")
    writer.write(MAP.name, text_message("shed"), 10 * SECOND, 10 * SECOND)
    write_texts(writer, range(11, 13))
    label(writer, EpisodeAction.START, 13, "next")  # ends the one before, undecided
    label(writer, EpisodeAction.DISCARD, 14, "bad")
    write_texts(writer, range(15, 17))
    label(writer, EpisodeAction.DISCARD, 17)
    label(writer, EpisodeAction.KEEP, 18, "next")  # on second thoughts
    write_texts(writer, range(19, 21))
    label(writer, EpisodeAction.START, 21, "last")
    write_texts(writer, range(22, 24))
    label(writer, EpisodeAction.DISCARD, 24)
    summary = writer.close()

    # "bad" was run_3, "last" was run_6; a closing file says so, for no message came after "last".
    assert [path.name for path in files_of(bag)] == [f"run_{number}.mcap" for number in (0, 1, 2, 4, 5, 7)]
    assert_metadata_is_true(bag)
    kept = [1, 2, 4, 5, 7, 8, 15, 16, 19, 20]
    assert texts_by_rosbags(bag) == [str(number) for number in kept]
    assert texts(bag / "run_4.mcap", MAP.name) == ["shed"]  # it came while "bad" was under way
    reader = BagReader(bag)
    assert {episode.name: episode.verdict for episode in read_episodes(reader)} == {
        "good": Verdict.KEPT,
        "bad": Verdict.DISCARDED,
        "next": Verdict.KEPT,
        "last": Verdict.DISCARDED,
    }
    assert reader.metadata["cairn/summary"]["cairn.discarded_files"] == "run_3.mcap run_6.mcap"
    custom = information(bag)["custom_data"]
    assert custom["cairn.discarded_files"] == "run_3.mcap run_6.mcap"
    assert custom["cairn.messages_discarded"] == str(summary.messages_discarded) == "8"
    assert (summary.messages_lost, json.loads(custom["cairn.episode.bad"])["verdict"]) == (0, "discarded")


def test_by_default_discarding_only_labels(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run", split_at_episodes=True)
    label(writer, EpisodeAction.START, 1)
    write_texts(writer, range(2, 4))
    label(writer, EpisodeAction.DISCARD, 5)
    writer.close()
    assert texts_by_rosbags(tmp_path / "run") == ["2", "3"]
    with pytest.raises(InvalidSetting, match="drop_discarded: expected split_at_episodes to be true"):
        StorageOptions(drop_discarded=True)


def test_a_bag_of_discarded_episodes_alone_stays_a_bag(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run", split_at_episodes=True, drop_discarded=True)
    label(writer, EpisodeAction.START, 1)
    write_texts(writer, range(2, 4))
    label(writer, EpisodeAction.DISCARD, 5)
    writer.close()
    assert texts_by_rosbags(tmp_path / "run") == []
    assert_metadata_is_true(tmp_path / "run")
    [episode] = read_episodes(BagReader(tmp_path / "run"))
    assert episode.verdict is Verdict.DISCARDED


def record_until_full(arguments: list[str], prefix: tuple[str, ...] = ()) -> dict:
    command = [*prefix, sys.executable, str(HERE / "writing_process.py"), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, cwd=HERE)
    return json.loads(result.stdout.splitlines()[-1])


def test_a_file_system_that_fills_up_in_a_later_file_is_survived(tmp_path: Path) -> None:
    unshare = ("unshare", "--user", "--map-root-user", "--mount")
    mount = f"mount -t tmpfs -o size=8m none {tmp_path}/disk"
    (tmp_path / "disk").mkdir()
    if not shutil.which("unshare") or subprocess.run([*unshare, "sh", "-c", mount], check=False).returncode:
        pytest.skip("mounting a small file system needs user namespaces")
    script = f'{mount} && "$@" && cp -r {tmp_path}/disk/run {tmp_path}/kept'
    arguments = [str(tmp_path / "disk" / "run"), "lz4", "0.1", "3000", "", "2.0"]
    summary = record_until_full(arguments, (*unshare, "sh", "-c", script, "sh"))
    bag = tmp_path / "copy" / "run"
    shutil.copytree(tmp_path / "kept", bag)
    assert summary["reason"] == "the disk failed: No space left on device"
    received, written, dropped = summary["topics"]["/chatter"]
    assert (received, dropped) == (3000, 3000 - written)
    assert texts_by_rosbags(bag) == [str(number) for number in range(written)]
    assert_metadata_is_true(bag)
    assert len(files_of(bag)) >= 3
    assert [text for path in files_of(bag) for text in texts_by_mcap(path)] == texts_by_rosbags(bag)
    assert BagReader(bag).metadata["cairn/summary"]["cairn.failed"] == "true"
