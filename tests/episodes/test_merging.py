"""Putting bags together."""

from pathlib import Path

import pytest
from bag_contents import assert_readers_agree, by_cairn
from labelled_drive import DriveBag, write_drive
from sample_bags import SECOND

from cairn.episodes.bag_builder import BagBuilder
from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.cutting import cut, episode_stretch, seconds_stretch
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.merging import Renamed, merge
from cairn.episodes.offered_qos import OfferedQos


@pytest.fixture(scope="module")
def drive(tmp_path_factory):
    return write_drive(tmp_path_factory.mktemp("drives") / "drive")


def pieces_of(bag, directory, *limits):
    for number, (since, until) in enumerate(zip((None, *limits), (*limits, None), strict=True)):
        cut(bag, directory / str(number), lambda reader, s=since, u=until: seconds_stretch(reader, s, u))
        yield directory / str(number)


@pytest.mark.parametrize("limits", [(10.0,), (0.05, 5.0, 8.0, 12.34), (1.0, 8.0, 10.0, 15.0)])
def test_the_pieces_of_a_bag_make_the_bag(drive, tmp_path, limits):
    pieces = list(pieces_of(drive, tmp_path, *limits))
    result = merge([*pieces[1:], pieces[0]], tmp_path / "again")
    assert by_cairn(tmp_path / "again") == by_cairn(drive)
    assert_readers_agree(tmp_path / "again")
    old, new = BagReader(drive), BagReader(tmp_path / "again")
    assert read_episodes(new) == read_episodes(old)
    assert new.topics == old.topics
    assert new.attachments == old.attachments
    assert new.metadata["cairn/provenance"] == old.metadata["cairn/provenance"]
    assert result.episodes == ("000", "001")
    assert result.repeats_left_out > 0
    assert not result.episodes_renamed
    assert not result.attachments_renamed
    assert not result.overlapping


def test_a_repeat_whose_original_is_not_there_stays(drive, tmp_path):
    _, second, third = pieces_of(drive, tmp_path, 5.0, 10.0)
    merge([second, third], tmp_path / "rest")
    transforms = [entry[1] for entry in by_cairn(tmp_path / "rest") if entry[0] == "/tf_static"]
    assert transforms == [5 * SECOND, 5 * SECOND]


def test_pieces_with_a_hole_between_them_stay_two_episodes(drive, tmp_path):
    first, _, third = pieces_of(drive, tmp_path, 3.0, 6.0)
    result = merge([first, third], tmp_path / "holed")
    assert result.episodes == ("000", "000-2", "001")
    assert result.episodes_renamed == (Renamed("2", "000", "000-2"),)


def test_two_drives_keep_their_messages_and_get_distinct_names(drive, tmp_path):
    other = tmp_path / "later"
    write_drive(other, begin=100 * SECOND, camera="")
    result = merge([other, drive], tmp_path / "both")
    assert by_cairn(tmp_path / "both") == by_cairn(drive) + by_cairn(other)
    assert_readers_agree(tmp_path / "both")
    assert result.episodes == ("000", "001", "000-2", "001-2")
    assert result.episodes_renamed == (Renamed("later", "000", "000-2"), Renamed("later", "001", "001-2"))
    episodes = read_episodes(BagReader(tmp_path / "both"))
    assert [episode.start // SECOND for episode in episodes] == [1, 10, 101, 110]
    assert [episode.name for episode in episodes] == list(result.episodes)
    assert BagReader(tmp_path / "both").metadata["cairn/merge"] == {"0": "later", "1": "drive"}
    assert BagReader(tmp_path / "both").metadata["cairn/summary"]["cairn.messages_lost"] == "3"


def test_attachments_of_one_name_and_other_content_are_all_kept(tmp_path):
    for name, content in (("a", b"1"), ("b", b"2"), ("c", b"1"), ("d", b"3")):
        bag = DriveBag(tmp_path / name)
        bag.attach("parameters/gate.yaml", content)
        topic = bag.add_topic("chatter", "std_msgs/msg/String")
        bag.write(topic, SECOND, data=name)
        bag.close()
    result = merge([tmp_path / name for name in "abcd"], tmp_path / "all")
    attached = {found.name: found.data for found in BagReader(tmp_path / "all").attachments}
    del attached["calibration.yaml"]
    assert attached == {
        "parameters/gate.yaml": b"1",
        "parameters/gate-2.yaml": b"2",
        "parameters/gate-3.yaml": b"3",
    }
    assert result.attachments_renamed == (
        Renamed("b", "parameters/gate.yaml", "parameters/gate-2.yaml"),
        Renamed("d", "parameters/gate.yaml", "parameters/gate-3.yaml"),
    )
    said = BagReader(tmp_path / "all")
    assert [said.decode(message).data for message in said.messages()] == ["a", "b", "c", "d"]


def test_what_publishers_offered_is_put_together(tmp_path):
    profiles = OfferedQos(history=1, depth=5), OfferedQos(history=1, depth=5, reliability=2)
    for name, profile in zip("ab", profiles, strict=True):
        bag = DriveBag(tmp_path / name)
        bag.write(bag.add_topic("chatter", "std_msgs/msg/String", profile), SECOND, data=name)
        bag.close()
    merge([tmp_path / "a", tmp_path / "b"], tmp_path / "both")
    assert BagReader(tmp_path / "both").topics["/chatter"][0].offered_qos == profiles


def test_drives_at_the_same_time_are_told_of(drive, tmp_path):
    robot = write_drive(tmp_path / "robot", namespace="/j100")
    result = merge([drive, robot], tmp_path / "both")
    assert result.overlapping == (("drive", "robot"),)
    stamps = [entry[1] for entry in by_cairn(tmp_path / "both")]
    assert stamps == sorted(stamps)


def written(bag: Path, topic: str, kind: str) -> Path:
    drive = DriveBag(bag)
    drive.write(drive.add_topic(topic, kind), SECOND)
    drive.close()
    return bag


def test_topics_that_disagree_are_refused(tmp_path):
    text = written(tmp_path / "a", "/x", "std_msgs/msg/String")
    number = written(tmp_path / "b", "/x", "std_msgs/msg/Int32")
    with pytest.raises(BagError, match="/x is std_msgs/msg/String in a, but std_msgs/msg/Int32 in b"):
        merge([text, number], tmp_path / "both")
    reader = BagReader(text)
    topic = reader.topics["/x"][0]
    other = type(topic)(topic.name, topic.type, "string data\nint32 more\n", topic.offered_qos)
    commented = type(topic)(topic.name, topic.type, "# words\nstring  data # text\n\n", topic.offered_qos)
    for name, definition in (("c", other), ("d", commented)):
        with BagBuilder(tmp_path / name, "test") as builder:
            builder.add_topic(definition)
            for message in reader.messages():
                builder.add(message)
    with pytest.raises(BagError, match=r"the definition of std_msgs/msg/String \(/x\) in c differs"):
        merge([text, tmp_path / "c"], tmp_path / "both")
    assert not (tmp_path / "both").exists()
    merge([text, tmp_path / "d"], tmp_path / "both")
    assert len(by_cairn(tmp_path / "both")) == 2


def test_bags_of_different_clocks_are_refused(drive, tmp_path):
    topic = BagReader(drive).topics["/tf_static"][0]
    with BagBuilder(tmp_path / "wall", "test") as builder:
        builder.describe("cairn/provenance", {"cairn.clock_source": "system"})
        builder.add_topic(topic)
    with pytest.raises(BagError, match="come from one clock, got simulation in drive, system in wall"):
        merge([drive, tmp_path / "wall"], tmp_path / "both")


def test_bad_requests_are_refused(drive, tmp_path):
    with pytest.raises(BagError, match="at least two bags to merge, got 1"):
        merge([drive], tmp_path / "both")
    with pytest.raises(BagError, match="is no bag"):
        merge([drive, tmp_path / "nothing"], tmp_path / "both")
    (tmp_path / "both").mkdir()
    with pytest.raises(BagError, match="both exists already"):
        merge([drive, drive], tmp_path / "both")


def test_an_episode_cut_twice_and_merged_is_there_twice(drive, tmp_path):
    for name in "ab":
        cut(drive, tmp_path / name, lambda reader: episode_stretch(reader, "000"))
    result = merge([tmp_path / "a", tmp_path / "b"], tmp_path / "both")
    assert result.episodes == ("000", "000-2")
