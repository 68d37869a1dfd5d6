"""Reading and decoding without ROS."""

from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from sample_bags import CHATTER, IMAGE, STORE, image_message, open_writer, text_message

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.offered_qos import OfferedQos, dump_offered_qos, load_offered_qos
from cairn.episodes.topic import Topic


def test_messages_come_decoded_and_in_order(tmp_path: Path) -> None:
    pixels = np.arange(24 * 32 * 3, dtype=np.uint8).reshape(24, 32, 3)
    writer = open_writer(tmp_path / "run")
    writer.write(CHATTER.name, text_message("first"), 10, 5, b"p", 1)
    writer.write(IMAGE.name, image_message(1_500_000_000, pixels), 20, 15)
    writer.write(CHATTER.name, text_message("second"), 30, 25, b"p", 2)
    writer.close()

    reader = BagReader(tmp_path / "run")
    messages = list(reader.messages())
    assert [(message.topic.name, message.log_time, message.publish_time) for message in messages] == [
        ("/chatter", 10, 5),
        ("/camera/image", 20, 15),
        ("/chatter", 30, 25),
    ]
    assert [message.sequence for message in messages] == [1, 0, 2]
    image = reader.decode(messages[1])
    assert (image.header.stamp.sec, image.header.stamp.nanosec) == (1, 500_000_000)
    assert image.encoding == "rgb8"
    np.testing.assert_array_equal(image.data.reshape(24, 32, 3), pixels)
    assert [message.data for message in reader.messages(["/chatter"])] == [
        text_message("first"),
        text_message("second"),
    ]
    assert reader.topics == {"/chatter": (CHATTER, 2), "/camera/image": (IMAGE, 1)}
    assert reader.time_range == (10, 30)


def test_a_bag_of_rosbags_is_read(tmp_path: Path) -> None:
    with Writer(tmp_path / "foreign", version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection("/chatter", CHATTER.type, typestore=STORE)
        writer.write(connection, 7, text_message("hello"))
    reader = BagReader(tmp_path / "foreign")
    assert [reader.decode(message).data for message in reader.messages()] == ["hello"]


def test_files_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (2, 10):
        writer = open_writer(tmp_path / f"part{number}")
        writer.write(CHATTER.name, text_message(str(number)), number, number)
        writer.close()
        source = tmp_path / f"part{number}" / f"part{number}_0.mcap"
        source.rename(tmp_path / f"run_{number}.mcap")
    reader = BagReader(tmp_path)
    assert [reader.decode(message).data for message in reader.messages()] == ["2", "10"]
    assert reader.topics["/chatter"][1] == 2
    assert reader.time_range == (2, 10)


def test_an_unknown_topic_is_refused_with_the_valid_ones(tmp_path: Path) -> None:
    open_writer(tmp_path / "run").close()
    reader = BagReader(tmp_path / "run")
    writer_topics = ", ".join(sorted(reader.topics))
    with pytest.raises(BagError, match=f"no topic /none in the bag; it has {writer_topics}"):
        list(reader.messages(["/none"]))


def test_what_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "run")
    writer.add_topic(Topic("/secret", "foreign_msgs/msg/Secret"))
    writer.write("/secret", b"\x00\x01\x00\x00", 1, 1)
    writer.write(CHATTER.name, text_message("hello")[:7], 2, 2)
    writer.close()
    reader = BagReader(tmp_path / "run")
    secret, short = reader.messages()
    with pytest.raises(BagError, match=r"the bag has no \.msg definition of foreign_msgs/msg/Secret"):
        reader.decode(secret)
    with pytest.raises(BagError, match="7 bytes on /chatter are no std_msgs/msg/String"):
        reader.decode(short)


def test_what_is_no_bag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BagError, match="is no bag"):
        BagReader(tmp_path / "nothing")
    (tmp_path / "x.mcap").write_bytes(b"")
    with pytest.raises(BagError, match="expected an MCAP file"):
        BagReader(tmp_path)


def test_quality_of_service_survives_both_spellings() -> None:
    profile = OfferedQos(history=1, depth=5, reliability=2, durability=1, deadline=(1, 500))
    assert load_offered_qos(dump_offered_qos([profile])) == (profile,)
    by_name = dump_offered_qos([profile]).replace("history: 1", "history: keep_last")
    by_name = by_name.replace("reliability: 2", "reliability: best_effort")
    by_name = by_name.replace("durability: 1", "durability: transient_local")
    assert load_offered_qos(by_name) == (profile,)
    assert load_offered_qos("") == ()
    with pytest.raises(BagError, match="expected the QoS profiles that rosbag2 writes"):
        load_offered_qos("- history: sometimes")
