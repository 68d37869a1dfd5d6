"""Bags made of trajectories, read by others."""

from pathlib import Path

import h5py
import pytest
from conversions import assert_same, convert
from drive_bags import START, STORE, TYPES, write_drive, write_full_drive
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.highlevel import AnyReader

from cairn.episodes.bag_reader import BagReader
from cairn.episodes.episode import Outcome, Verdict
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.formats.bag_messages import COLLISION_DEFINITION
from cairn.episodes.open_trajectories import open_trajectories
from cairn.episodes.quality_limits import QualityLimits
from cairn.hardware.errors import CairnError


def test_a_bag_made_from_a_bag_is_the_same_drive(tmp_path: Path) -> None:
    (source,) = open_trajectories(write_full_drive(tmp_path / "run", with_jpeg=False))
    convert(tmp_path / "run", tmp_path / "bags", "bag")
    (stored,) = open_trajectories(tmp_path / "bags")
    assert_same(list(stored.steps()), list(source.steps()))


def test_others_read_it_with_our_topics_and_its_episode(tmp_path: Path) -> None:
    convert(write_full_drive(tmp_path / "run"), tmp_path / "bags", "bag", namespace="/jackal/")
    bag = tmp_path / "bags/run_first"
    with AnyReader([bag]) as reader:
        types = {connection.topic: connection.msgtype for connection in reader.connections}
        odometry = [found for found in reader.connections if found.topic == "/jackal/platform/odom/filtered"]
        assert len(list(reader.messages(odometry))) == 16
    assert types["/jackal/sensors/camera/image/compressed"] == TYPES["compressed"]
    assert types["/jackal/cmd_vel"] == TYPES["twist_stamped"]
    assert types["/jackal/collision"] == TYPES["collision"]
    with (bag / "run_first_0.mcap").open("rb") as stream:
        reader = make_reader(stream, decoder_factories=[DecoderFactory()])
        commands = [found for _, _, _, found in reader.iter_decoded_messages(["/jackal/cmd_vel"])]
    assert commands[4].header.stamp.sec == START // 10**9 + 1
    assert (commands[4].twist.linear.x, commands[4].twist.angular.z) == (1.25, 0.125)
    (episode,) = read_episodes(BagReader(bag))
    assert (episode.verdict, episode.outcome, episode.task) == (
        Verdict.KEPT, Outcome.SUCCESS, "to the shed",
    )  # fmt: skip
    assert (episode.start, episode.end) == (START, pytest.approx(START + 3.75e9))


def test_the_definition_of_collisions_is_that_of_our_interfaces() -> None:
    interfaces = Path(__file__).parents[3] / "ros_ws/src/cairn_interfaces/msg"
    assert (interfaces / "CollisionState.msg").read_text() == COLLISION_DEFINITION


def test_type_hashes_are_those_of_ros(tmp_path: Path) -> None:
    convert(write_drive(tmp_path / "run"), tmp_path / "bags", "bag")
    topics = BagReader(tmp_path / "bags/run").topics
    for topic, _ in topics.values():
        assert topic.type_hash == STORE.hash_rihs01(topic.type)


@pytest.mark.parametrize("stamp", [-1.0, 1e300])
def test_stamps_that_no_header_holds_are_refused(tmp_path: Path, stamp: float) -> None:
    convert(write_drive(tmp_path / "run"), tmp_path / "hdf5", "recon")
    with h5py.File(tmp_path / "hdf5/run.hdf5", "r+") as file:
        file["cairn/stamp"][()] = stamp
    with pytest.raises(CairnError, match=r"stamp must lie in \[0, 2\^31\) s"):
        convert(tmp_path / "hdf5", tmp_path / "bags", "bag", limits=QualityLimits(min_steps=1))
    assert not (tmp_path / "bags").exists()
