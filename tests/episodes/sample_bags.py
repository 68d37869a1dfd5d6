"""Bags for the tests of `cairn.episodes`; rosbags serialises the messages, so that no ROS is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.highlevel import AnyReader
from rosbags.typesys import Stores, get_typestore

from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.offered_qos import OfferedQos
from cairn.episodes.provenance import Attachment, Provenance
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic

STORE = get_typestore(Stores.ROS2_JAZZY)
PROVENANCE = Provenance(
    clock_source="simulation",
    command_line="cairn launch explore.launch.yaml",
    git_revision="0123abc",
    bundle_sha256="f" * 64,
    ros_distro="kilted",
    attachments=(Attachment("calibration.yaml", b"fx: 320.0\n"),),
)
SECOND = 1_000_000_000


def topic_of(name: str, type_name: str) -> Topic:
    """A topic with the definition that rosbags ships, independent of what is installed."""
    definition, _ = STORE.generate_msgdef(type_name, ros_version=2)
    qos = (OfferedQos(history=1, depth=7, reliability=2),)
    return Topic(name, type_name, definition, qos, STORE.hash_rihs01(type_name))


CHATTER = topic_of("/chatter", "std_msgs/msg/String")
IMAGE = topic_of("/camera/image", "sensor_msgs/msg/Image")


def text_message(text: str) -> bytes:
    """std_msgs/String as CDR."""
    return bytes(STORE.serialize_cdr(STORE.types[CHATTER.type](text), CHATTER.type))


def image_message(stamp: int, pixels: Any) -> bytes:
    """sensor_msgs/Image as CDR, `pixels` of shape (height, width, 3)."""
    types = STORE.types
    time = types["builtin_interfaces/msg/Time"](stamp // SECOND, stamp % SECOND)
    header = types["std_msgs/msg/Header"](time, "camera_optical")
    height, width, _ = pixels.shape
    image = types[IMAGE.type](header, height, width, "rgb8", 0, 3 * width, pixels.reshape(-1))
    return bytes(STORE.serialize_cdr(image, IMAGE.type))


def open_writer(bag: Path, **options: Any) -> BagWriter:
    """A writer with two topics announced and no limit on the free space."""
    writer = BagWriter(bag, StorageOptions(**{"min_free_mb": 0.0, **options}), PROVENANCE)
    writer.add_topic(CHATTER)
    writer.add_topic(IMAGE)
    return writer


def texts_by_rosbags(bag: Path) -> list[str]:
    """Texts on /chatter as rosbags reads them from the directory."""
    with AnyReader([bag]) as reader:
        connections = [connection for connection in reader.connections if connection.topic == CHATTER.name]
        return [
            reader.deserialize(data, connection.msgtype).data
            for connection, _, data in reader.messages(connections)
        ]


def texts_by_mcap(file: Path) -> list[str]:
    """Texts on /chatter as mcap's own reader and decoder read them from one file."""
    with file.open("rb") as stream:
        reader = make_reader(stream, decoder_factories=[DecoderFactory()])
        return [decoded.data for _, _, _, decoded in reader.iter_decoded_messages([CHATTER.name])]
