"""What a page shows of a bag."""

import shutil
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "episodes"))

from labelled_drive import TICK, DriveBag, write_drive

from cairn.episodes.bag_builder import BagBuilder
from cairn.episodes.bag_error import BagError
from cairn.episodes.bag_reader import BagReader
from cairn.episodes.cutting import cut, seconds_stretch
from cairn.episodes.mcap_scan import scan_mcap
from cairn.evaluation.recording.frame_reader import frames_to_show
from cairn.evaluation.recording.path_builder import PathBuilder
from cairn.evaluation.recording.recording import EventKind
from cairn.evaluation.recording.recording_page import write_recording
from cairn.evaluation.recording.recording_reader import read_recording
from cairn.evaluation.recording.regularity import regularity
from cairn.evaluation.recording.shown_topics import camera_topic, odometry_topic

EXPECTED = [
    (1.0, EventKind.START, "to the shed"),
    (4.0, EventKind.INTERVENTION, "curb"),
    (6.0, EventKind.GATE_STOP, "camera silent for 0.21 s"),
    (8.0, EventKind.SUCCESS, ""),
    (8.0, EventKind.KEEP, ""),
    (10.0, EventKind.START, "to the gate"),
    (12.0, EventKind.MARK, "rain"),
    (12.5, EventKind.COLLISION, "physical"),
    (15.0, EventKind.FAILURE, ""),
    (15.0, EventKind.DISCARD, ""),
]


def told(recording):
    return [(pytest.approx(event.time), event.kind, event.detail) for event in recording.events]


@pytest.fixture(scope="module")
def drive(tmp_path_factory):
    return write_drive(tmp_path_factory.mktemp("drives") / "drive")


def test_events_stops_and_losses_are_told(drive):
    recording = read_recording(drive)
    assert told(recording) == EXPECTED
    assert [(span.driving, span.reason) for span in recording.gate] == [
        (True, ""),
        (False, "camera silent for 0.21 s"),
        (True, ""),
    ]
    assert (recording.gate[1].start, recording.gate[1].end) == (pytest.approx(6.0), pytest.approx(7.0))
    tracks = {track.name: track for track in recording.topics}
    camera = tracks["/sensors/camera/image"]
    assert (camera.losses, camera.lost) == (((pytest.approx(7.0), 3),), 3)
    assert tracks["/platform/odom/filtered"].lost == 0
    assert regularity(camera.times, recording.seconds).gaps == ((pytest.approx(6.0), pytest.approx(7.0)),)
    assert recording.facts["git revision"] == "0123abc"
    assert recording.attachments["calibration/front.yaml"] == "fx: 272.5\n"
    assert recording.missing == ()


def test_frames_lie_at_even_distances_with_what_happened_before_them(drive):
    frames = read_recording(drive).frames
    assert len(frames) == 12
    # The red of an image is the number of its tick.
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [round(frame.time * 10) for frame in frames]
    assert np.diff([frame.distance for frame in frames]) == pytest.approx(np.full(11, 20 / 11), abs=0.25)
    assert {round(frame.speed, 3) for frame in frames} == {1.0}
    assert [event.kind for event in frames[1].events] == [EventKind.START]
    assert sum(len(frame.events) for frame in frames) == len(EXPECTED)


@pytest.mark.parametrize(("camera", "namespace"), [("compressed", "/j100"), ("raw", "/a/b")])
def test_namespaces_and_compressed_images_make_no_difference(drive, tmp_path, camera, namespace):
    other = read_recording(write_drive(tmp_path / "drive", namespace, camera))
    known = read_recording(drive)
    assert other.camera.startswith(f"{namespace}/sensors/camera/image")
    assert other.path.topic == f"{namespace}/platform/odom/filtered"
    assert told(other) == EXPECTED
    for frame, expected in zip(other.frames, known.frames, strict=True):
        np.testing.assert_array_equal(frame.image, expected.image)


def test_without_camera_and_odometry_it_says_so(tmp_path):
    recording = read_recording(write_drive(tmp_path / "drive", camera="", odometry=False))
    assert recording.frames == ()
    assert recording.path is None
    assert [words.partition(":")[0] for words in recording.missing] == ["No camera", "No odometry"]
    assert told(recording) == EXPECTED


def test_one_episode_is_shown_alone(drive):
    recording = read_recording(drive, "001")
    assert (recording.seconds, recording.episode) == (5.0, "001")
    assert [event.kind for event in recording.events] == [kind for _, kind, _ in EXPECTED[5:]]
    assert recording.events[1].time == pytest.approx(2.0)
    assert recording.path.length == pytest.approx(5.0, abs=0.01)
    assert recording.frames[0].image[0, 0, 0] == 100
    with pytest.raises(BagError, match="no episode '7' in the bag; it has 000, 001"):
        read_recording(drive, "7")


def test_cut_and_killed_bags_are_shown(drive, tmp_path):
    cut(drive, tmp_path / "part", lambda reader: seconds_stretch(reader, 3.0, 9.0))
    part = read_recording(tmp_path / "part")
    assert [event.kind for event in part.events] == [kind for _, kind, _ in EXPECTED[1:5]]
    assert part.facts["cut from"] == "drive, 6.0 s from log time 3.000 s on"
    killed = tmp_path / "killed"
    shutil.copytree(drive, killed)
    file = killed / "drive_0.mcap"
    file.write_bytes(file.read_bytes()[: scan_mcap(file).chunks[-1].index.chunk_start_offset + 40])
    recording = read_recording(killed)
    assert recording.state == "cut"
    assert recording.frames
    assert recording.missing == ("The recorder was killed: shown is what had reached the disk.",)


def test_a_split_bag_tells_its_labels_once(tmp_path):
    split = write_drive(tmp_path / "split", split_seconds=5.0)
    assert len(list(split.glob("*.mcap"))) == 5
    recording = read_recording(split)
    assert told(recording) == EXPECTED
    assert len(recording.frames) == 12
    assert [event.kind for event in read_recording(split, "001").events] == [
        kind for _, kind, _ in EXPECTED[5:]
    ]


def test_images_that_cannot_be_shown_are_told_of_once(tmp_path):
    drive = DriveBag(tmp_path / "drive")
    topic = drive.add_topic("camera/image", "sensor_msgs/msg/Image")
    for tick in range(20):
        drive.write(topic, tick * TICK, encoding="dreams", width=2, height=1, step=2, data=np.zeros(2, "u1"))
    drive.close()
    recording = read_recording(tmp_path / "drive")
    assert recording.frames == ()
    [problem, _] = recording.missing
    assert problem.startswith("images on /camera/image can't be shown: image encoding 'dreams' is unknown")


def test_a_bag_that_is_being_recorded_and_an_empty_one_are_shown(tmp_path):
    drive = DriveBag(tmp_path / "drive")
    drive.add_topic("odom", "nav_msgs/msg/Odometry")
    under_way = read_recording(tmp_path / "drive")
    drive.close()
    assert under_way.state == "recording"
    assert under_way.missing[-1] == "It is still being recorded: shown is what had reached the disk."
    empty = read_recording(tmp_path / "drive")
    written = write_recording(empty, tmp_path / "out")
    assert (empty.seconds, empty.path, empty.frames) == (0.0, None, ())
    assert written[-1].name == "index.html"


def test_messages_of_another_version_are_told_of(tmp_path):
    bag = write_drive(tmp_path / "drive")
    reader = BagReader(bag)
    other = {"/gate/status": "int8 other\n", "/platform/odom/filtered": "int8 other\n"}
    with BagBuilder(tmp_path / "foreign", "test") as builder:
        for name, (topic, _) in reader.topics.items():
            builder.add_topic(replace(topic, definition=other.get(name, topic.definition)))
        for message in reader.messages():
            builder.add(message)
    recording = read_recording(tmp_path / "foreign")
    assert recording.path is None
    told = "\n".join(recording.missing)
    assert "/gate/status" in told
    assert "/platform/odom/filtered" in told
    assert recording.frames


def test_images_are_not_kept_in_memory(tmp_path):
    drive = DriveBag(tmp_path / "drive")
    topic = drive.add_topic("camera/image", "sensor_msgs/msg/Image")
    noise = np.random.default_rng(0)
    for tick in range(100):
        data = noise.integers(0, 256, 320 * 240 * 3, np.uint8)
        drive.write(topic, tick * TICK, encoding="rgb8", width=320, height=240, step=960, data=data)
    drive.close()
    tracemalloc.start()
    recording = read_recording(tmp_path / "drive")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(recording.frames) == 12
    # 23 MB of images in the bag, 2.8 MB of them on the sheet.
    assert peak < 12e6


def test_a_jump_of_the_odometry_is_no_way_driven(tmp_path):
    drive = DriveBag(tmp_path / "drive")
    topic = drive.add_topic("odom", "nav_msgs/msg/Odometry")
    for tick in range(21):
        x = tick / 10 if tick <= 10 else tick / 10 - 30.0
        position = drive.make(topic, "geometry_msgs/msg/Point", x=x)
        upright = drive.make(topic, "geometry_msgs/msg/Quaternion", w=1.0)
        pose = drive.make(topic, "geometry_msgs/msg/Pose", position=position, orientation=upright)
        drive.write(
            topic, tick * TICK, pose=drive.make(topic, "geometry_msgs/msg/PoseWithCovariance", pose=pose)
        )
    drive.close()
    path = read_recording(tmp_path / "drive").path
    assert path.length == pytest.approx(1.9)
    assert np.flatnonzero(path.jumps).tolist() == [11]


def test_no_path_of_nothing():
    assert PathBuilder("/odom").build() is None


def test_frames_of_a_robot_that_stands_lie_at_even_times():
    assert frames_to_show(np.arange(100) / 10, None, 4).tolist() == [0, 33, 66, 99]
    assert frames_to_show(np.zeros(0), None).tolist() == []
    assert frames_to_show(np.array([1.0]), None).tolist() == [0]
    assert frames_to_show(np.array([1.0, 2.0]), None, 12).tolist() == [0, 1]


def test_regularity_finds_gaps_and_silence():
    steady = np.arange(100) / 10
    assert regularity(steady, 9.9).gaps == ()
    assert regularity(steady, 9.9).rate == pytest.approx(10.0)
    holed = np.delete(steady, slice(40, 50))
    assert regularity(holed, 9.9).gaps == ((pytest.approx(3.9), pytest.approx(5.0)),)
    assert regularity(holed, 9.9).rate == pytest.approx(10.0)
    assert regularity(steady, 12.0).gaps == ((pytest.approx(9.9), 12.0),)
    assert regularity(np.array([0.1, 0.1, 3.0] * 10).cumsum(), 100.0) is None
    assert regularity(steady[:5], 0.5) is None


def test_topics_are_chosen_by_what_they_are():
    image, odometry = "sensor_msgs/msg/Image", "nav_msgs/msg/Odometry"
    assert camera_topic({"/depth/image": image, "/front/image_raw": image}) == "/front/image_raw"
    assert camera_topic({"/x": odometry}) == ""
    with pytest.raises(BagError, match="no images on /y; valid: /x"):
        camera_topic({"/x": image}, "/y")
    both = {"/simulation/ground_truth": odometry, "/r/platform/odom/filtered": odometry}
    assert odometry_topic(both) == "/r/platform/odom/filtered"
    assert odometry_topic({"/simulation/ground_truth": odometry}) == "/simulation/ground_truth"
