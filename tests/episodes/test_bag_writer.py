"""What is written is read back by rosbags, by mcap's own reader and by BagReader."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
import yaml
from mcap.reader import make_reader
from rosbags.highlevel import AnyReader
from sample_bags import (
    CHATTER,
    IMAGE,
    PROVENANCE,
    SECOND,
    image_message,
    open_writer,
    text_message,
    texts_by_mcap,
    texts_by_rosbags,
)

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.mcap_file import McapFile
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic
from cairn.hardware.setting import InvalidSetting


def information(bag: Path) -> dict:
    return yaml.safe_load((bag / "metadata.yaml").read_text())["rosbag2_bagfile_information"]


@pytest.mark.parametrize("compression", ["zstd", "lz4", "none"])
def test_both_readers_return_what_was_written(tmp_path: Path, compression: str) -> None:
    bag = tmp_path / "run"
    pixels = np.arange(24 * 32 * 3, dtype=np.uint8).reshape(24, 32, 3)
    writer = open_writer(bag, compression=compression, chunk_kb=8)
    for number in range(50):
        time = number * SECOND
        assert writer.write(CHATTER.name, text_message(f"stone {number}"), time + 5, time)
        assert writer.write(IMAGE.name, image_message(time, pixels), time + 5, time)
    summary = writer.close()

    expected = [f"stone {number}" for number in range(50)]
    assert (summary.messages_written, summary.messages_lost, summary.failed) == (100, 0, False)
    assert texts_by_rosbags(bag) == expected
    assert texts_by_mcap(bag / "run_0.mcap") == expected
    with AnyReader([bag]) as reader:
        assert (reader.start_time, reader.end_time) == (5, 49 * SECOND + 6)
        connection = next(found for found in reader.connections if found.topic == IMAGE.name)
        assert connection.digest == IMAGE.type_hash
        assert connection.ext.offered_qos_profiles[0].depth == 7
        images = [reader.deserialize(data, IMAGE.type).data for _, _, data in reader.messages([connection])]
        np.testing.assert_array_equal(images[-1].reshape(pixels.shape), pixels)


def test_times_and_sequence_are_kept(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    writer.write(CHATTER.name, text_message("a"), log_time=20, publish_time=10, publisher=b"p", sequence=3)
    writer.close()
    with (tmp_path / "run" / "run_0.mcap").open("rb") as stream:
        [(schema, channel, message)] = make_reader(stream).iter_messages()
    assert (message.log_time, message.publish_time, message.sequence) == (20, 10, 3)
    assert (schema.encoding, channel.message_encoding) == ("ros2msg", "cdr")
    assert "reliability: 2" in channel.metadata["offered_qos_profiles"]


def test_provenance_and_summary_are_in_the_file(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    writer.write(CHATTER.name, text_message("a"), 1, 1, b"p", 1)
    writer.write(CHATTER.name, text_message("b"), 2, 2, b"p", 5)
    writer.close("SIGTERM")
    with (tmp_path / "run" / "run_0.mcap").open("rb") as stream:
        reader = make_reader(stream)
        records = {record.name: record.metadata for record in reader.iter_metadata()}
        [attachment] = reader.iter_attachments()
    assert records["cairn/provenance"] == PROVENANCE.as_entries()
    assert records["cairn/provenance"]["cairn.bundle_sha256"] == "f" * 64
    assert records["cairn/summary"]["cairn.reason"] == "SIGTERM"
    assert records["cairn/summary"]["cairn.lost./chatter"] == "dropped 0, missing 3"
    assert (
        yaml.safe_load(records["rosbag2"]["serialized_metadata"])["rosbag2_bagfile_information"][
            "message_count"
        ]
        == 2
    )
    assert (attachment.name, attachment.media_type) == ("calibration.yaml", "application/yaml")
    assert attachment.data == b"fx: 320.0\n"
    assert information(tmp_path / "run")["custom_data"]["cairn.messages_lost"] == "3"
    assert information(tmp_path / "run")["ros_distro"] == "kilted"


def test_metadata_exists_before_the_first_message(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    found = information(tmp_path / "run")
    writer.close()
    assert found["relative_file_paths"] == ["run_0.mcap"]
    assert found["custom_data"]["cairn.state"] == "recording"
    assert information(tmp_path / "run")["custom_data"]["cairn.state"] == "closed"


def test_an_empty_bag_is_readable(tmp_path: Path) -> None:
    open_writer(tmp_path / "run").close()
    assert texts_by_rosbags(tmp_path / "run") == []
    assert texts_by_mcap(tmp_path / "run" / "run_0.mcap") == []


def test_a_full_queue_drops_and_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk_answers, store = Event(), McapFile.add_message

    def slow(*arguments: object) -> None:
        disk_answers.wait(30.0)
        store(*arguments)

    monkeypatch.setattr(McapFile, "add_message", slow)
    writer = open_writer(tmp_path / "run", max_queue_mb=0.01)
    kept = [writer.write(CHATTER.name, text_message("x" * 1000), time, time) for time in range(50)]
    disk_answers.set()
    summary = writer.close()

    [chatter, _] = summary.topics
    assert 9 <= sum(kept) <= 11  # ten fit, and one may be in the writer's hand
    assert (chatter.received, chatter.written, chatter.dropped) == (50, sum(kept), 50 - sum(kept))
    assert information(tmp_path / "run")["custom_data"]["cairn.lost./chatter"].startswith("dropped ")
    assert len(texts_by_rosbags(tmp_path / "run")) == sum(kept)


def test_several_publishers_are_counted_apart(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    for publisher, sequence in ((b"p", 1), (b"q", 100), (b"p", 2), (b"q", 102), (b"p", 1)):
        writer.write(CHATTER.name, text_message(""), 1, 1, publisher, sequence)
    [chatter, _] = writer.close().topics
    assert chatter.missing == 1  # 101 of q; a publisher that starts over loses nothing


def test_the_longest_gap_is_found(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    for time in (0, 100_000_000, 2_600_000_000, 2_700_000_000):
        writer.write(CHATTER.name, text_message(""), time, time)
    [chatter, _] = writer.close().topics
    assert chatter.longest_gap == pytest.approx(2.5)


def test_a_type_without_definition_keeps_its_bytes(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    writer.add_topic(Topic("/secret", "foreign_msgs/msg/Secret"))
    writer.write("/secret", b"\x00\x01\x00\x00abcd", 1, 1)
    writer.close()
    with (tmp_path / "run" / "run_0.mcap").open("rb") as stream:
        [(schema, _, message)] = make_reader(stream).iter_messages()
    assert (schema.encoding, schema.data, message.data) == ("", b"", b"\x00\x01\x00\x00abcd")


def test_an_existing_bag_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    with pytest.raises(BagError, match="exists already; a bag is never overwritten"):
        open_writer(tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["notes.txt"]


def test_a_nearly_full_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BagError, match=r"MB free, expected at least 1000000 MB \(min_free_mb\)"):
        open_writer(tmp_path / "run", min_free_mb=1e6)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_hold_a_bag_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BagError, match="can't be created: Not a directory"):
        open_writer(tmp_path / "file" / "run")


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="expected str one of zstd, lz4, none, got 'gzip'"):
        StorageOptions(compression="gzip")
    with pytest.raises(InvalidSetting, match="max_queue_mb"):
        StorageOptions(max_queue_mb=0.0)


def test_an_unknown_topic_is_a_programming_error(tmp_path: Path) -> None:
    writer: BagWriter = open_writer(tmp_path / "run")
    with pytest.raises(KeyError):
        writer.write("/nobody", b"", 0, 0)
    writer.close()
