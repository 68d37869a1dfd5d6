"""Bags of sqlite3, as rosbags writes them."""

from pathlib import Path

import pytest
from drive_bags import SECOND, START, STORE, TYPES, arc, image, odometry, scene
from rosbags.rosbag2 import StoragePlugin, Writer

from cairn.episodes.bag_error import BagError
from cairn.episodes.open_trajectories import open_trajectories
from cairn.episodes.sqlite_bag import SqliteBag


def sqlite_bag(bag: Path, version: int, steps: int = 12) -> Path:
    with Writer(bag, version=version, storage_plugin=StoragePlugin.SQLITE3) as writer:
        images = writer.add_connection("/sensors/camera/image", TYPES["image"], typestore=STORE)
        poses = writer.add_connection("/platform/odom/filtered", TYPES["odometry"], typestore=STORE)
        for number in range(steps):
            stamp = START + number * SECOND // 4
            for connection, message in (
                (images, image(stamp, number)),
                (poses, odometry(stamp, arc(number / 4))),
            ):
                writer.write(connection, stamp, bytes(STORE.serialize_cdr(message, connection.msgtype)))
    return bag


@pytest.mark.parametrize("version", [8, 9])
def test_steps_are_read_with_or_without_definitions_in_the_bag(tmp_path: Path, version: int) -> None:
    bag = sqlite_bag(tmp_path / "run", version)
    (trajectory,) = open_trajectories(bag)
    steps = list(trajectory.steps())
    assert len(steps) == 12
    assert (steps[5].image == scene(5)).all()
    assert steps[5].pose == pytest.approx(arc(1.25))
    (again,) = open_trajectories(next(bag.glob("*.db3")))
    assert again.info.name == "run"


def test_a_stretch_is_read_alone(tmp_path: Path) -> None:
    bag = SqliteBag(sqlite_bag(tmp_path / "run", 9))
    start, end = START + 2 * SECOND // 4, START + 4 * SECOND // 4
    found = [message.log_time for message in bag.messages(["/platform/odom/filtered"], start, end)]
    assert found == [start, START + 3 * SECOND // 4]
    assert bag.time_range == (START, START + 11 * SECOND // 4)
    with pytest.raises(BagError, match="no topic /none in the bag; it has /platform/odom/filtered"):
        list(bag.messages(["/none"]))


def test_damaged_bags_are_refused(tmp_path: Path) -> None:
    bag = sqlite_bag(tmp_path / "run", 8)
    file = next(bag.glob("*.db3"))
    whole = file.read_bytes()
    file.write_bytes(b"no database" * 100)
    with pytest.raises(BagError, match="can't be read as a sqlite3 bag"):
        list(open_trajectories(bag))
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BagError, match=r"can't be read as a sqlite3 bag|is damaged"):
        [list(trajectory.steps()) for trajectory in open_trajectories(bag)]
    (bag / "metadata.yaml").write_text("rosbag2_bagfile_information: [")
    with pytest.raises(BagError, match="can't be read as a sqlite3 bag"):
        list(open_trajectories(bag))
