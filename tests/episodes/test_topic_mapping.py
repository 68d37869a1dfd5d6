"""Topics of our robots and of others."""

from pathlib import Path

import pytest
from drive_bags import SECOND, START, TYPES, DriveBag, arc, image, make, odometry, write_drive

from cairn.episodes.bag_error import BagError
from cairn.episodes.open_trajectories import ReadingOptions, open_trajectories
from cairn.episodes.step import CollisionFlags
from cairn.episodes.topic_mapping import TopicMapping
from cairn.hardware.errors import CairnError

OURS = {
    "/jackal/sensors/camera/image": TYPES["image"],
    "/jackal/platform/odom/filtered": TYPES["odometry"],
    "/jackal/platform/odom": TYPES["odometry"],
    "/jackal/cmd_vel": TYPES["twist"],
}


def test_our_topics_are_found_in_any_namespace() -> None:
    found = TopicMapping().resolve(OURS)
    assert found == {
        "image": "/jackal/sensors/camera/image",
        "odometry": "/jackal/platform/odom/filtered",
        "command": "/jackal/cmd_vel",
    }


def test_of_a_random_drive_in_simulation_the_labels_of_the_collector_are_taken() -> None:
    state = "cairn_interfaces/msg/CollisionState"
    simulated = {**OURS, "/jackal/simulation/collision": state}
    assert TopicMapping().resolve(simulated)["collision"] == "/jackal/simulation/collision"
    collected = {**simulated, "/jackal/collection/collision": state}
    assert TopicMapping().resolve(collected)["collision"] == "/jackal/collection/collision"


def test_of_several_robots_one_has_to_be_named() -> None:
    both = {**OURS, **{name.replace("jackal", "husky"): kind for name, kind in OURS.items()}}
    with pytest.raises(BagError, match="may be /husky/sensors/camera/image or /jackal/sensors/camera/image"):
        TopicMapping().resolve(both)
    assert TopicMapping().resolve(both, "/husky")["command"] == "/husky/cmd_vel"


def test_a_missing_topic_is_named_with_those_there_are() -> None:
    with pytest.raises(
        BagError, match=r"no topic platform/odom/filtered or platform/odom .* the bag has /sens"
    ):
        TopicMapping().resolve({"/sensors/camera/image": TYPES["image"], "/x": "std_msgs/msg/String"})


def test_a_topic_of_another_type_is_refused() -> None:
    with pytest.raises(
        BagError, match=r"/cmd_vel is std_msgs/msg/String; expected for the command geometry_msgs"
    ):
        TopicMapping().resolve({**OURS, "/jackal/cmd_vel": "std_msgs/msg/String"})


def test_other_topics_are_named_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "spot.yaml").write_text(
        "image: [/front/image_raw]\nodometry: /wheel_odom\ncommand: cmd_vel_raw\ncollision: /bumper\n"
    )
    writer = DriveBag(tmp_path / "run")
    TYPES["bool"] = "std_msgs/msg/Bool"
    for number in range(8):
        stamp = START + number * SECOND // 4
        writer.write("/front/image_raw", "image", stamp, image(stamp, number))
        writer.write("/wheel_odom", "odometry", stamp, odometry(stamp, arc(number / 4)))
        twist = make(TYPES["twist"])
        twist.linear.x = 0.5
        writer.write("/spot/cmd_vel_raw", "twist", stamp, twist)
        writer.write("/bumper", "bool", stamp, make(TYPES["bool"], data=number == 3))
    writer.close()
    options = ReadingOptions(topics=TopicMapping.from_yaml(tmp_path / "spot.yaml"))
    (trajectory,) = open_trajectories(tmp_path / "run", options)
    steps = list(trajectory.steps())
    assert [step.command and step.command.linear for step in steps] == [0.5] * 8
    assert steps[3].collision == CollisionFlags(any=True, physical=True)
    assert steps[4].collision == CollisionFlags()


@pytest.mark.parametrize(
    "text",
    ["[1, 2]", "sonar: /x", "image: 3", "image: ['']", "image: !!python/object:os.system x", "a: [", ""],
)
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(CairnError, match=r"x\.yaml(: expected| can't be read)"):
        TopicMapping.from_yaml(tmp_path / "x.yaml")


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    for path, words in ((tmp_path, "nothing to read in"), (tmp_path / "none", "there is no")):
        with pytest.raises(CairnError, match=words):
            list(open_trajectories(path))


def test_a_bag_in_a_namespace_is_read(tmp_path: Path) -> None:
    (trajectory,) = open_trajectories(write_drive(tmp_path / "run", namespace="/a/b"))
    assert len(list(trajectory.steps())) == 17
