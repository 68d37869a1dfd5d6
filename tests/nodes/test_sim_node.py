"""The simulator's topics, clock and services."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rclpy
from cairn_interfaces.msg import CollisionState, PolicyDecision
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Bool
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage

from cairn.hardware.errors import CairnError
from cairn.navigation.decision import Phase
from cairn.nodes.image_conversion import ImageReader
from cairn.nodes.sim_node import SimNode
from cairn.nodes.sim_settings import SimSettings
from cairn.nodes.single_instance import SecondInstance
from cairn.nodes.stamps import seconds_from_stamp, stamp_from_seconds

PATIENCE = 100.0
YARD = """
<mujoco model="yard">
  <worldbody>
    <light pos="0 0 10" dir="0 0 -1"/>
    <geom type="plane" size="0 0 1" rgba=".4 .5 .4 1"/>
    <geom type="box" pos="6 0 1" size=".5 6 1" rgba=".7 .3 .2 1"/>
    <geom type="box" pos="-6 0 1" size=".5 6 1" rgba=".2 .3 .7 1"/>
    <site name="start" pos="3.5 1 0"/>
    <site name="goal" pos="-3 -3 0" euler="0 0 90"/>
  </worldbody>
</mujoco>"""


class Rig:
    """The simulator and a listener in one executor.

    At the pace of real time a tick lets at most a quarter of a second pass, however starved this process is,
    so that commands sent between two ticks never expire.
    """

    def __init__(self, world: Path, **parameters: Any) -> None:
        given = {"camera_width": 64, "camera_height": 48, "speed": 1.0, "discovery_time": 0.0} | parameters
        arguments = [part for name, value in given.items() for part in ("-p", f"{name}:={value}")]
        rclpy.init(args=["--ros-args", "-p", f"world:={world}", *arguments])
        self.node = SimNode()
        self.listener = rclpy.create_node("listener")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.listener)
        self.executor.add_node(self.node)
        self.clocks: list[float] = []
        self.images: list[Image] = []
        self.infos: list[CameraInfo] = []
        self.odometry: list[Odometry] = []
        self.truth: list[Odometry] = []
        self.collisions: list[CollisionState] = []
        self.diagnostics: list[DiagnosticStatus] = []
        self.transforms: list[Any] = []
        self.effects: list[TwistStamped] = []
        listen = self.listener.create_subscription
        listen(Clock, "/clock", lambda m: self.clocks.append(seconds_from_stamp(m.clock)), 100)
        listen(Image, "sensors/camera/image", self.images.append, 100)
        listen(CameraInfo, "sensors/camera/camera_info", self.infos.append, 100)
        listen(Odometry, "platform/odom/filtered", self.odometry.append, 100)
        listen(Odometry, "simulation/ground_truth", self.truth.append, 100)
        listen(TwistStamped, "simulation/applied_command", self.effects.append, 100)
        listen(CollisionState, "simulation/collision", self.collisions.append, 100)
        listen(DiagnosticArray, "/diagnostics", lambda m: self.diagnostics.extend(m.status), 100)
        latched = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        listen(TFMessage, "/tf_static", lambda m: self.transforms.extend(m.transforms), latched)
        self.command = self.listener.create_publisher(TwistStamped, "cmd_vel", 1)
        self.decision = self.listener.create_publisher(PolicyDecision, "explore/decision", 10)
        self.emergency_stop = self.listener.create_publisher(Bool, "platform/emergency_stop", 10)
        self.wait_for(lambda: self.images and self.truth and self.collisions)

    def close(self) -> None:
        self.node.close()
        self.executor.shutdown()
        self.listener.destroy_node()
        self.node.destroy_node()
        rclpy.shutdown()

    @property
    def now(self) -> float:
        return self.node._robot.time

    def at(self, series: list[Any], stamp: float) -> Any:
        """The first message of a topic at or after `stamp`, once it has arrived."""
        self.wait_for(lambda: series and stamps_of(series[-1:])[0] >= stamp - 1e-6)
        return next(m for m in series if seconds_from_stamp(m.header.stamp) >= stamp - 1e-6)

    def wait_for(self, condition: Callable[[], Any], meanwhile: Callable[[], Any] = lambda: None) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain"
            meanwhile()
            self.executor.spin_once(timeout_sec=0.05)

    def drive(self, linear: float, seconds: float) -> float:
        """Command for so many simulated seconds; returns the speed by odometry at their end."""
        message = TwistStamped()
        message.twist.linear.x = linear
        end = self.now + seconds
        self.wait_for(lambda: self.now >= end, lambda: self.command.publish(message))
        return float(self.at(self.odometry, end).twist.twist.linear.x)

    def wait(self, seconds: float) -> None:
        """Let so many simulated seconds pass, and what they brought arrive."""
        end = self.now + seconds
        self.wait_for(lambda: self.now >= end)
        self.at(self.truth, end)

    def decide(self, stamp: float, phase: Phase = Phase.EXPLORING) -> None:
        message = PolicyDecision(phase=int(phase))
        message.header.stamp = stamp_from_seconds(stamp)
        self.decision.publish(message)

    def call(self, kind: Any, name: str) -> Any:
        client = self.listener.create_client(kind, name)
        self.wait_for(client.service_is_ready)
        future = client.call_async(kind.Request())
        self.wait_for(future.done)
        return future.result()


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "yard.xml"
    path.write_text(YARD)
    return path


@pytest.fixture
def start(yard: Path) -> Iterator[Callable[..., Rig]]:
    rigs: list[Rig] = []

    def begin(**parameters: Any) -> Rig:
        rigs.append(Rig(yard, **parameters))
        return rigs[-1]

    yield begin
    for rig in rigs:
        rig.close()


def stamps_of(messages: list[Any]) -> list[float]:
    return [seconds_from_stamp(message.header.stamp) for message in messages]


def test_the_topics_of_a_jackal_on_one_clock(start: Callable[..., Rig]) -> None:
    rig = start()
    rig.wait(3.0)
    images = stamps_of(rig.images)
    assert np.diff(images) == pytest.approx(0.25, abs=0.005)
    assert images[-1] <= rig.now
    frame = ImageReader(64, 48).read(rig.images[-1])
    assert frame.frame_id == "camera_optical"
    assert frame.image.std() > 5
    assert (rig.infos[-1].width, rig.infos[-1].height) == (64, 48)
    for series in (rig.clocks, stamps_of(rig.odometry), stamps_of(rig.truth)):
        assert all(later > earlier for earlier, later in pairwise(series))
    odometry = stamps_of(rig.odometry)
    heard = [stamp for stamp in images if odometry[0] < stamp < odometry[-1]]
    assert len(heard) >= 4
    assert all(min(abs(np.array(odometry) - stamp)) < 1e-6 for stamp in heard), "odometry of each image"
    assert rig.odometry[-1].header.frame_id == "odom"
    assert rig.truth[-1].header.frame_id == "world"
    place = rig.truth[0].pose.pose.position
    assert (place.x, place.y) == pytest.approx((3.5, 1.0), abs=0.05)
    rig.wait_for(lambda: len(rig.transforms) == 2)
    chain = [(t.header.frame_id, t.child_frame_id) for t in rig.transforms]
    assert chain == [("base_link", "camera_link"), ("camera_link", "camera_optical")]


def test_it_drives_as_commanded_and_stops_by_silence(start: Callable[..., Rig]) -> None:
    rig = start()
    assert rig.drive(-0.8, 2.0) == pytest.approx(-0.8, abs=0.1)
    moved = rig.truth[-1].pose.pose.position.x - rig.truth[0].pose.pose.position.x
    assert -3.0 < moved < -1.0
    rig.wait(1.5)
    assert rig.odometry[-1].twist.twist.linear.x == pytest.approx(0.0, abs=0.1)


def test_it_tells_from_when_on_a_command_drove_the_wheels(start: Callable[..., Rig]) -> None:
    rig = start()
    rig.drive(-0.8, 1.0)
    rig.wait(1.5)
    rig.wait_for(lambda: len(rig.effects) == 2)
    begun, ended = stamps_of(rig.effects)
    assert [message.twist.linear.x for message in rig.effects] == [-0.8, 0.0]
    moving = [seconds_from_stamp(m.header.stamp) for m in rig.truth if m.twist.twist.linear.x < -0.2]
    assert begun < moving[0] < begun + 0.3
    assert 1.0 < ended - begun < 2.0


def test_what_is_not_finite_moves_nothing(start: Callable[..., Rig]) -> None:
    assert start().drive(float("nan"), 1.0) == pytest.approx(0.0, abs=0.1)


def test_an_emergency_stop_holds_until_released(start: Callable[..., Rig]) -> None:
    rig = start()
    rig.emergency_stop.publish(Bool(data=True))
    rig.wait_for(lambda: rig.node._emergency)
    assert rig.drive(-0.8, 1.0) == pytest.approx(0.0, abs=0.1)
    rig.emergency_stop.publish(Bool(data=False))
    rig.wait_for(lambda: not rig.node._emergency)
    assert rig.drive(-0.8, 1.0) < -0.6


def test_contacts_are_reported_and_a_reset_carries_the_robot_back(start: Callable[..., Rig]) -> None:
    rig = start()
    rig.drive(1.0, 3.0)
    hits = [message for message in rig.collisions if message.physical]
    assert hits
    assert all(message.any for message in hits)
    assert hits[-1].collisions == 1
    rig.wait(0.6)  # the last command expires
    before = rig.now
    answer = rig.call(Trigger, "simulation/reset_to_start")
    assert answer.success
    assert "(3.5, 1.0) m" in answer.message
    rig.wait(0.5)
    assert rig.now > before
    assert all(later > earlier for earlier, later in pairwise(rig.clocks))
    place, believed = rig.truth[-1].pose.pose.position, rig.odometry[-1].pose.pose.position
    assert hypot(place.x - 3.5, place.y - 1.0) < 0.1
    assert hypot(believed.x, believed.y) < 0.1
    assert rig.collisions[-1].collisions == 1
    assert not rig.collisions[-1].physical


def test_in_lockstep_time_waits_for_decision_and_commands(start: Callable[..., Rig]) -> None:
    rig = start(lockstep=0.26, patience=60.0)
    rig.wait(1.0)  # nobody decides: nothing to wait for
    rig.decide(stamps_of(rig.images)[-1])
    rig.wait_for(lambda: rig.node._waiting_since is not None)
    held = rig.node._robot.time
    for _ in range(20):
        rig.executor.spin_once(timeout_sec=0.02)
    assert rig.node._robot.time == held
    rig.wait_for(lambda: stamps_of(rig.images)[-1] > held - 0.1)
    rig.decide(stamps_of(rig.images)[-1])
    rig.wait_for(lambda: rig.node._commands_due)
    assert rig.node._robot.time == held
    rig.wait_for(lambda: rig.node._robot.time > held, lambda: rig.command.publish(TwistStamped()))
    rig.wait_for(lambda: rig.node._waiting_since is not None)
    rig.decide(stamps_of(rig.images)[-1], Phase.REACHED)  # the end: there is nothing more to wait for
    rig.wait(2.0)


def test_without_a_decision_it_goes_on_when_patience_ends(start: Callable[..., Rig]) -> None:
    rig = start(lockstep=0.26, patience=0.3)
    rig.decide(rig.now)
    rig.wait(3.0)


def test_it_keeps_the_pace_asked_for_or_says_that_it_can_not(start: Callable[..., Rig]) -> None:
    rig = start(speed=0.2)
    began, simulated = time.monotonic(), rig.now
    rig.wait(0.4)
    assert (rig.now - simulated) / (time.monotonic() - began) < 0.4
    assert rig.node.set_parameters([Parameter("speed", value=100.0)])[0].successful
    # A busy machine may have been too slow for the pace before, too.
    slow = "expected 100 x real time, got"
    rig.wait_for(lambda: any(slow in d.message for d in rig.diagnostics))
    assert next(d for d in rig.diagnostics if slow in d.message).level == DiagnosticStatus.WARN
    refused = rig.node.set_parameters([Parameter("speed", value=-1.0)])[0]
    assert not refused.successful
    assert "speed" in refused.reason


def test_a_second_one_is_refused(start: Callable[..., Rig]) -> None:
    rig = start()
    second = SimNode()
    rig.executor.add_node(second)
    message = "expected to be the only source of the clock, but /clock belongs to /sim, process"
    try:
        with pytest.raises(SecondInstance, match=message):
            rig.wait(PATIENCE)
    finally:
        second.close()
        second.destroy_node()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"world": "desert"}, "a world must be one of suburb, campus.*got 'desert'"),
        ({"world": "/nowhere/yard.xml"}, "must be an MJCF file, but there is none at /nowhere/yard.xml"),
        ({"conditions": "snow"}, "conditions 'snow': unknown 'snow'"),
        ({"seed": 3000}, "parameter seed: expected int from 0 to 2999, got 3000"),
    ],
)
def test_what_can_not_be_simulated_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(CairnError, match=message):
        SimSettings(**settings).open()


@pytest.mark.timeout(300)
def test_the_process_ends_with_the_message_alone() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cairn.nodes.sim_node", "--ros-args", "-p", "world:=desert"],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("error: a world must be one of suburb")
    assert "Traceback" not in ended.stderr
