"""What of a bag is published again, and when."""

from __future__ import annotations

import threading

import pytest

from cairn.episodes.bag_error import BagError
from cairn.episodes.mcap_source import BagMessage
from cairn.episodes.topic import Topic
from cairn.evaluation.replay.playback_schedule import PlaybackSchedule
from cairn.evaluation.replay.playback_selection import PlaybackSelection, moves_hardware
from cairn.evaluation.replay.playback_tally import PlaybackTally
from cairn.evaluation.replay.prefetch import Prefetch
from cairn.hardware.errors import CairnError

SECOND = 1_000_000_000
TOPICS = [
    Topic("/j100/sensors/camera/image", "sensor_msgs/msg/Image"),
    Topic("/j100/platform/odom", "nav_msgs/msg/Odometry"),
    Topic("/j100/cmd_vel", "geometry_msgs/msg/TwistStamped"),
    Topic("/j100/gate/status", "cairn_interfaces/msg/GateStatus"),
    Topic("/tf", "tf2_msgs/msg/TFMessage"),
    Topic("/clock", "rosgraph_msgs/msg/Clock"),
]
HARMLESS = {"/j100/sensors/camera/image", "/j100/platform/odom", "/tf"}


def test_commands_and_the_clock_are_left_out() -> None:
    chosen = PlaybackSelection.of(TOPICS)
    assert set(chosen.names) == HARMLESS
    assert chosen.withheld == ("/j100/cmd_vel", "/j100/gate/status")


def test_a_command_goes_out_by_its_name_and_never_by_a_pattern() -> None:
    assert set(PlaybackSelection.of(TOPICS, commands=["/j100/cmd_vel"]).names) == {*HARMLESS, "/j100/cmd_vel"}
    assert set(PlaybackSelection.of(TOPICS, wanted=["*", "/j100/cmd_vel"]).names) == HARMLESS
    with pytest.raises(CairnError, match=r"the bag has no topic /j100/\* to publish"):
        PlaybackSelection.of(TOPICS, commands=["/j100/*"])


def test_no_remapping_makes_a_command_of_another_topic() -> None:
    chosen = PlaybackSelection.of(TOPICS, remaps=["/tf:=/cmd_vel", "/j100/platform:=/gate"])
    assert set(chosen.names) == {"/j100/sensors/camera/image"}
    assert set(chosen.withheld) == {"/j100/cmd_vel", "/j100/gate/status", "/tf", "/j100/platform/odom"}


def test_topics_are_chosen_in_any_namespace_and_remapped() -> None:
    chosen = PlaybackSelection.of(TOPICS, ["sensors/*", "/tf"], ["*/odom"], ["/j100:=/r2", "tf:=/r2/tf"])
    assert chosen.names == {"/j100/sensors/camera/image": "/r2/sensors/camera/image", "/tf": "/r2/tf"}
    with pytest.raises(CairnError, match="remapping puts two topics of the bag on /tf"):
        PlaybackSelection.of(TOPICS, remaps=["/j100/platform/odom:=/tf"])
    for bad in ("/tf", ":=/tf", "/tf:="):
        with pytest.raises(CairnError, match="expected a remap of the form old:=new"):
            PlaybackSelection.of(TOPICS, remaps=[bad])


@pytest.mark.parametrize(
    ("name", "type_name", "moves"),
    [
        ("/a/cmd_vel", "std_msgs/msg/String", True),
        ("/cmd_vel/unstamped", "std_msgs/msg/String", True),
        ("/gate/teleop", "std_msgs/msg/String", True),
        ("/anything", "geometry_msgs/msg/Twist", True),
        ("/arm", "trajectory_msgs/msg/JointTrajectory", True),
        ("/arm_controller/commands", "std_msgs/msg/Float64MultiArray", True),
        ("/joy", "sensor_msgs/msg/Joy", True),
        ("/platform/emergency_stop", "std_msgs/msg/Bool", True),
        ("/gateway/status", "std_msgs/msg/String", False),
        ("/platform/odom", "nav_msgs/msg/Odometry", False),
    ],
)
def test_what_moves_hardware(name: str, type_name: str, moves: bool) -> None:
    assert moves_hardware(name, type_name) is moves


def test_the_schedule_keeps_the_rate_and_stands_still_in_pauses() -> None:
    schedule = PlaybackSchedule(2.0)
    assert schedule.recorded(9.0) == 0
    assert schedule.due(100 * SECOND, 10.0) == 10.0
    assert schedule.due(104 * SECOND, 10.0) == 12.0
    assert schedule.recorded(11.0) == 102 * SECOND
    schedule.pause(11.0)
    schedule.pause(12.0)
    assert schedule.recorded(20.0) == 102 * SECOND
    schedule.resume(21.0)
    assert schedule.due(104 * SECOND, 21.0) == 22.0
    assert schedule.recorded(22.0) == 104 * SECOND


def test_a_recording_whose_time_goes_back_goes_on_from_there() -> None:
    schedule = PlaybackSchedule(1.0)
    schedule.due(100 * SECOND, 0.0)
    schedule.due(101 * SECOND, 1.0)
    assert schedule.due(101 * SECOND - SECOND // 2, 1.0) == 0.5  # a little back: late, and due at once
    assert schedule.due(5 * SECOND, 1.0) == 1.0
    assert schedule.due(6 * SECOND, 1.0) == 2.0


def message(number: int) -> BagMessage:
    return BagMessage(TOPICS[0], number, number, number, bytes(1000))


def test_reading_ahead_keeps_order_and_hands_on_errors() -> None:
    def damaged():
        yield message(1)
        yield message(2)
        raise BagError("the chunk is damaged")

    prefetch = Prefetch(damaged())
    for number in (1, 2):
        assert prefetch.peek().log_time == number
        prefetch.take()
    with pytest.raises(BagError, match="the chunk is damaged"):
        prefetch.peek()


def test_reading_ahead_is_bounded_and_ends() -> None:
    asked, more = [], threading.Event()

    def endless():
        number = 0
        while True:
            asked.append(number)
            if number == 5001:
                more.set()
            yield message(number)
            number += 1

    prefetch = Prefetch(endless())
    assert prefetch.peek().log_time == 0
    assert not more.is_set()
    for _ in range(10):
        prefetch.peek()
        prefetch.take()
    assert more.wait(10.0)
    prefetch.close()
    assert len(asked) <= 5012


def test_the_tally_tells_lateness_and_losses() -> None:
    tally = PlaybackTally()
    for late in (0.001, 0.002, 0.1):
        tally.note("/a", late)
    assert tally.is_complete
    assert tally.as_json()["lateness_ms"] == {"p50": 2.0, "p99": pytest.approx(98.04), "max": 100.0}
    tally.failed["/a"] += 2
    tally.unacknowledged.append("/b")
    assert not tally.is_complete
    assert "3 messages on 1 topics, 2 lost" in str(tally)
    assert "not acknowledged by every reliable subscriber: /b" in str(tally)
