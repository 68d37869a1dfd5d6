"""Cutting a stretch out of a bag."""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bag_contents import assert_readers_agree, by_cairn
from labelled_drive import LATCHED, TICK, DriveBag, write_drive
from sample_bags import PROVENANCE, SECOND

from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.cutting import cut, episode_stretch, seconds_stretch
from cairn.episodes.episode import Episode, Outcome, Verdict
from cairn.episodes.episode_index import read_episodes
from cairn.episodes.mcap_scan import scan_mcap

HERE = Path(__file__).parent


def cut_seconds(bag, output, since=None, until=None):
    return cut(bag, output, lambda reader: seconds_stretch(reader, since, until))


def cut_episode(bag, output, name):
    return cut(bag, output, lambda reader: episode_stretch(reader, name))


def losses(bag):
    return BagReader(bag).metadata["cairn/summary"]["cairn.messages_lost"]


@pytest.fixture(scope="module")
def drive(tmp_path_factory):
    return write_drive(tmp_path_factory.mktemp("drives") / "drive")


def test_a_cut_of_everything_is_the_original(drive, tmp_path):
    result = cut_seconds(drive, tmp_path / "all", 0.0)
    assert by_cairn(tmp_path / "all") == by_cairn(drive)
    assert (result.messages, result.repeated, result.duration) == (len(by_cairn(drive)), 0, 20.0)
    assert_readers_agree(tmp_path / "all")
    old, new = BagReader(drive), BagReader(tmp_path / "all")
    assert new.topics == old.topics
    assert read_episodes(new) == read_episodes(old)
    assert new.attachments == old.attachments
    assert losses(tmp_path / "all") == losses(drive) == "3"


def test_a_stretch_has_its_messages_and_the_transforms_from_before(drive, tmp_path):
    result = cut_seconds(drive, tmp_path / "part", 5.0, 9.0)
    assert_readers_agree(tmp_path / "part")
    before = {entry[4]: entry for entry in by_cairn(drive) if entry[0] == "/tf_static"}
    new = by_cairn(tmp_path / "part")
    assert new[2:] == [entry for entry in by_cairn(drive) if 5 * SECOND <= entry[1] < 9 * SECOND]
    # Of camera_link the newer transform, of imu_link its only one; at the start, published when they were.
    assert [entry[:2] for entry in new[:2]] == [("/tf_static", 5 * SECOND)] * 2
    kept = [before[entry[4]] for entry in new[:2]]
    assert [entry[1] for entry in kept] == [0, 2 * TICK]
    assert [entry[2:4] for entry in kept] == [entry[2:4] for entry in new[:2]]
    assert result.repeated == 2


def test_an_episode_is_cut_with_its_events_and_labels(drive, tmp_path):
    result = cut_episode(drive, tmp_path / "shed", "000")
    reader = BagReader(tmp_path / "shed")
    kinds = [reader.decode(message).kind for message in reader.messages(["/episode/event"])]
    assert kinds == [0, 5, 3, 1]
    expected = Episode(
        "000", SECOND, 8 * SECOND, Verdict.KEPT, Outcome.SUCCESS, "to the shed", "Ada", "curb", (4 * SECOND,)
    )
    assert read_episodes(reader) == (expected,)
    assert result.episodes == ("000",)
    assert reader.time_range == (SECOND, 8 * SECOND)


def test_half_an_episode_keeps_what_lies_in_it_and_says_what_the_whole_was(drive, tmp_path):
    cut_seconds(drive, tmp_path / "late", 5.0, 12.0)
    reader = BagReader(tmp_path / "late")
    first, second = read_episodes(reader)
    assert (first.start, first.end, first.interventions) == (5 * SECOND, 8 * SECOND, ())
    assert (first.verdict, first.outcome) == (Verdict.KEPT, Outcome.SUCCESS)
    assert (second.start, second.end, second.verdict) == (10 * SECOND, 12 * SECOND, Verdict.DISCARDED)
    entries = reader.metadata["cairn/episode/000"]
    assert (entries["whole_start"], entries["whole_end"]) == (str(SECOND), str(8 * SECOND))
    cut_seconds(tmp_path / "late", tmp_path / "later", 1.0, 2.0)
    again = BagReader(tmp_path / "later").metadata
    assert again["cairn/episode/000"]["whole_start"] == str(SECOND)
    assert again["cairn/cut"]["bag"] == "late"
    assert again["cairn/cut"]["before.bag"] == "drive"


def test_origin_attachments_and_definitions_go_with_it(drive, tmp_path):
    cut_seconds(drive, tmp_path / "part", 5.0, 6.0)
    reader = BagReader(tmp_path / "part")
    assert reader.metadata["cairn/provenance"] == PROVENANCE.as_entries()
    assert reader.metadata["cairn/cut"] == {
        "bag": "drive",
        "start": str(5 * SECOND),
        "end": str(6 * SECOND),
    }
    assert {attachment.name: attachment.data for attachment in reader.attachments} == {
        "calibration.yaml": b"fx: 320.0\n",
        "calibration/front.yaml": b"fx: 272.5\n",
    }
    assert {name: topic for name, (topic, _) in reader.topics.items()} == {
        name: topic for name, (topic, _) in BagReader(drive).topics.items()
    }
    information = yaml.safe_load((tmp_path / "part" / "metadata.yaml").read_text())
    information = information["rosbag2_bagfile_information"]
    assert information["ros_distro"] == "kilted"
    assert information["custom_data"]["cairn.git_revision"] == "0123abc"


def test_losses_are_those_of_the_stretch(drive, tmp_path):
    for name, since, until in (("before", 0.0, 6.5), ("with", 6.5, 8.0)):
        cut_seconds(drive, tmp_path / name, since, until)
    assert losses(tmp_path / "before") == "0"
    # The numbers go on across the start of a stretch, whose first image has nothing to be compared with.
    assert losses(tmp_path / "with") == "0"
    cut_seconds(drive, tmp_path / "around", 5.0, 8.0)
    assert losses(tmp_path / "around") == "3"


def test_of_other_latched_topics_the_last_message_is_repeated_and_of_rosout_none(tmp_path):
    drive = DriveBag(tmp_path / "drive")
    map_topic = drive.add_topic("map_name", "std_msgs/msg/String", LATCHED)
    expiring = type(LATCHED)(history=3, durability=1, lifespan=(10, 0))
    log = drive.add_topic("/rosout", "std_msgs/msg/String", expiring)
    chatter = drive.add_topic("chatter", "std_msgs/msg/String")
    lens = drive.add_topic("camera_info", "sensor_msgs/msg/CameraInfo")
    drive.write(lens, 0, width=640)
    for second in range(5):
        drive.write(map_topic, second * SECOND, data=f"map {second}")
        drive.write(log, second * SECOND, data="hello")
        drive.write(chatter, second * SECOND + TICK, data="said")
    drive.close()
    cut_seconds(tmp_path / "drive", tmp_path / "part", 3.05, 3.5)
    reader = BagReader(tmp_path / "part")
    said = [(message.topic.name, reader.decode(message)) for message in reader.messages()]
    assert [name for name, _ in said] == ["/camera_info", "/map_name", "/chatter"]
    assert (said[0][1].width, said[1][1].data, said[2][1].data) == (640, "map 3", "said")


def test_a_split_bag_is_put_together(drive, tmp_path):
    split = write_drive(tmp_path / "split", split_seconds=5.0)
    assert len(list(split.glob("*.mcap"))) == 5
    cut_seconds(split, tmp_path / "all", 0.0)
    # The latched messages that each file repeats are told once, and so is what an operator said.
    assert read_episodes(BagReader(split)) == read_episodes(BagReader(drive))
    assert by_cairn(tmp_path / "all") == by_cairn(drive)
    assert_readers_agree(tmp_path / "all")
    assert BagReader(tmp_path / "all").attachments == BagReader(drive).attachments
    for bag in (split, drive):
        cut_seconds(bag, tmp_path / f"{bag.name} part", 4.0, 11.0)
    assert by_cairn(tmp_path / "split part") == by_cairn(tmp_path / "drive part")


def test_the_bag_of_a_killed_recorder_can_be_cut(drive, tmp_path):
    killed = tmp_path / "killed"
    shutil.copytree(drive, killed)
    file = killed / "drive_0.mcap"
    place = scan_mcap(file).chunks[-2].index
    file.write_bytes(file.read_bytes()[: place.chunk_start_offset + 40])
    assert not BagReader(killed).complete
    cut_seconds(killed, tmp_path / "part", 5.0, 9.0)
    cut_seconds(drive, tmp_path / "expected", 5.0, 9.0)
    assert by_cairn(tmp_path / "part") == by_cairn(tmp_path / "expected")
    assert_readers_agree(tmp_path / "part")
    # Its recorder counted nothing.
    assert "cairn.messages_lost" not in BagReader(tmp_path / "part").metadata["cairn/summary"]


def test_what_makes_no_sense_is_refused_and_leaves_nothing(drive, tmp_path):
    for since, until, words in [
        (5.0, 5.0, "expected --from to lie before --to, got 5 s and 5 s"),
        (9.0, 5.0, "expected --from to lie before --to, got 9 s and 5 s"),
        (21.0, None, r"--from 21: the bag ends after 20\.000 s"),
        (-1.0, None, "--from: expected seconds since the bag's first message, got -1"),
        (float("nan"), None, "--from: expected seconds"),
        (5.01, 5.09, r"has no message between 5\.010 s and 5\.090 s"),
    ]:
        with pytest.raises(BagError, match=words):
            cut_seconds(drive, tmp_path / "none", since, until)
    with pytest.raises(BagError, match="no episode 'x' in the bag; it has 000, 001"):
        cut_episode(drive, tmp_path / "none", "x")
    with pytest.raises(BagError, match="is no bag"):
        cut_seconds(tmp_path / "nothing", tmp_path / "none", 1.0)
    (tmp_path / "there").mkdir()
    with pytest.raises(BagError, match="there exists already; a bag is never overwritten"):
        cut_seconds(drive, tmp_path / "there", 1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_damaged_source_leaves_nothing_half_written(drive, tmp_path):
    broken = tmp_path / "in" / "broken"
    shutil.copytree(drive, broken)
    file = broken / "drive_0.mcap"
    content = bytearray(file.read_bytes())
    place = scan_mcap(file).chunks[-1].index
    middle = place.chunk_start_offset + place.chunk_length // 2
    content[middle : middle + 40] = bytes(40)
    file.write_bytes(bytes(content))
    with pytest.raises(BagError, match="is damaged"):
        cut_seconds(broken, tmp_path / "part", 1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_full_disk_leaves_nothing_half_written(drive, tmp_path):
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from cairn.episodes.cutting import cut, seconds_stretch\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "cut(Path(sys.argv[1]), Path(sys.argv[2]), lambda reader: seconds_stretch(reader, 0.0, None))\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 20000
    result = subprocess.run(
        [sys.executable, "-c", script, str(drive), str(tmp_path / "part")],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert f"BagError: bag {tmp_path / 'part'} can't be written: File too large" in result.stderr
    assert list(tmp_path.iterdir()) == []
