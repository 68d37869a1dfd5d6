"""What the recorder hears: publishers that differ, and simulated time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builtin_interfaces.msg import Time
from rclpy.qos import QoSProfile, ReliabilityPolicy
from recorder_rig import RecorderRig
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Int32, String

from cairn.episodes.bag_reader import BagReader

TOPIC = "/robot/chatter"


@pytest.fixture
def rig() -> Iterator[RecorderRig]:
    rig = RecorderRig()
    yield rig
    rig.close()


def test_a_later_publisher_that_offers_less_is_heard_too(rig: RecorderRig, tmp_path: Path) -> None:
    recorder = rig.start_recorder(directory=str(tmp_path), name="run", topics="['chatter']", linger="0.0")
    reliable = rig.node.create_publisher(String, TOPIC, 10)
    rig.wait_for(lambda: reliable.get_subscription_count() == 2)  # the rig's and the recorder's
    for _ in range(3):
        reliable.publish(String(data="reliable"))
    rig.wait_for(lambda: rig.received(TOPIC) == 3)
    rig.node.destroy_publisher(reliable)
    lossy = rig.node.create_publisher(
        String, TOPIC, QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
    )

    def heard() -> bool:
        lossy.publish(String(data="best effort"))
        return rig.received(TOPIC) > 3

    rig.wait_for(heard)
    rig.stop(recorder)
    reader = BagReader(tmp_path / "run")
    assert list(reader.topics) == [TOPIC]  # and nothing that was not asked for
    assert {reader.decode(message).data for message in reader.messages()} == {"reliable", "best effort"}


def test_publishers_that_disagree_on_the_type_are_reported(rig: RecorderRig, tmp_path: Path) -> None:
    rig.start_talker()
    rig.node.create_publisher(Int32, "/robot/latched", 10)
    recorder = rig.start_recorder(directory=str(tmp_path), name="run", topics="['latched']", linger="0.0")
    problem = "problem with /robot/latched"
    rig.wait_for(lambda: any(value.key == problem for status in rig.diagnostics for value in status.values))
    _, _, errors = rig.stop(recorder)
    assert "publishers disagree on its type: std_msgs/msg/Int32, std_msgs/msg/String" in errors


def test_simulated_time_is_the_time_of_the_bag(rig: RecorderRig, tmp_path: Path) -> None:
    recorder = rig.start_recorder(
        directory=str(tmp_path), name="run", topics="['chatter']", linger="0.0", use_sim_time="true"
    )
    clock = rig.node.create_publisher(Clock, "/clock", 10)
    chatter = rig.node.create_publisher(String, TOPIC, 10)
    received_before = rig.received(TOPIC)
    seconds = 100

    def enough() -> bool:
        nonlocal seconds
        seconds += 1
        clock.publish(Clock(clock=Time(sec=seconds)))
        chatter.publish(String(data="tick"))
        return rig.received(TOPIC) >= received_before + 5

    rig.wait_for(enough)
    rig.stop(recorder)
    reader = BagReader(tmp_path / "run")
    last = list(reader.messages())[-1]
    assert reader.metadata["cairn/provenance"]["cairn.clock_source"] == "simulation"
    assert 100 * 10**9 <= last.log_time <= seconds * 10**9
    assert last.publish_time == last.log_time
