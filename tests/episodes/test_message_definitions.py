"""Definitions are put together from .msg files, and from those of the installed packages."""

from pathlib import Path

import pytest
from rosbags.typesys import get_types_from_msg
from rosbags.typesys.store import Typestore
from sample_bags import STORE

from cairn.episodes.bag_error import BagError
from cairn.episodes.message_definitions import MessageDefinitions


def install(prefix: Path, package: str, **messages: str) -> None:
    folder = prefix / "share" / package / "msg"
    folder.mkdir(parents=True)
    for name, text in messages.items():
        (folder / f"{name}.msg").write_text(text)


def test_dependencies_follow_once_each(tmp_path: Path) -> None:
    outer = """# Comment with Word word
Inner[2] inners  # relative type, fixed array
other_msgs/Leaf[<=3] leaves
Leaf near
string<=10 NAME=no
uint8[] numbers
int32 LIMIT=5
"""
    install(tmp_path / "a", "some_msgs", Outer=outer, Inner="other_msgs/Leaf leaf\n", Leaf="bool ok\n")
    install(tmp_path / "b", "other_msgs", Leaf="float64 x\n")
    text = MessageDefinitions([tmp_path / "a", tmp_path / "b"]).find("some_msgs/msg/Outer")
    assert text == (
        outer
        + "=" * 80
        + "\nMSG: some_msgs/Inner\nother_msgs/Leaf leaf\n"
        + "=" * 80
        + "\nMSG: other_msgs/Leaf\nfloat64 x\n"
        + "=" * 80
        + "\nMSG: some_msgs/Leaf\nbool ok\n"
    )


def test_earlier_prefixes_win(tmp_path: Path) -> None:
    install(tmp_path / "overlay", "some_msgs", Leaf="bool ok\n")
    install(tmp_path / "base", "some_msgs", Leaf="int8 old\n")
    found = MessageDefinitions([tmp_path / "overlay", tmp_path / "base"]).find("some_msgs/msg/Leaf")
    assert found == "bool ok\n"


@pytest.mark.parametrize(
    "type_name", ["nav_msgs/msg/Odometry", "sensor_msgs/msg/Image", "rosgraph_msgs/msg/Clock"]
)
def test_installed_definitions_hash_as_ros_hashes_them(type_name: str) -> None:
    pytest.importorskip("rclpy")
    store = Typestore()
    store.register(get_types_from_msg(MessageDefinitions().find(type_name), type_name))
    assert store.hash_rihs01(type_name) == STORE.hash_rihs01(type_name)


def test_own_interfaces_are_found() -> None:
    pytest.importorskip("cairn_interfaces")
    text = MessageDefinitions().find("cairn_interfaces/msg/GateStatus")
    assert "MSG: geometry_msgs/Vector3" in text
    store = Typestore()
    store.register(get_types_from_msg(text, "cairn_interfaces/msg/GateStatus"))
    assert store.types["cairn_interfaces/msg/GateStatus"].LATCHED == 2


def test_what_is_not_installed_is_named(tmp_path: Path) -> None:
    install(tmp_path, "some_msgs", Outer="lost_msgs/Thing thing\n")
    definitions = MessageDefinitions([tmp_path])
    with pytest.raises(
        BagError, match=r"no definition of lost_msgs/msg/Thing: share/lost_msgs/msg/Thing\.msg"
    ):
        definitions.find("some_msgs/msg/Outer")
    with pytest.raises(BagError, match='a message type reads "package/msg/Name", got'):
        definitions.find("some_msgs/srv/Ask")
