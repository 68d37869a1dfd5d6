"""The bag player as a process among processes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from geometry_msgs.msg import Twist
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from rosbags.typesys import Stores, get_typestore
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String
from std_srvs.srv import SetBool

from cairn.episodes.bag_writer import BagWriter
from cairn.episodes.offered_qos import OfferedQos
from cairn.episodes.provenance import Provenance
from cairn.episodes.storage_options import StorageOptions
from cairn.episodes.topic import Topic

STORE = get_typestore(Stores.ROS2_JAZZY)
SECOND = 1_000_000_000
COUNT, PERIOD = 300, SECOND // 100
PATIENCE = 60.0
STRING, TWIST = "std_msgs/msg/String", "geometry_msgs/msg/Twist"
TOPICS = {
    "/robot/chatter": (STRING, OfferedQos()),
    "/robot/latched": (STRING, OfferedQos(durability=1)),
    "/robot/sensors/late": (STRING, OfferedQos(reliability=2)),
    "/robot/cmd_vel": (TWIST, OfferedQos()),
    "/robot/gate/policy": (STRING, OfferedQos()),
    "/robot/strange": ("foreign_msgs/msg/Strange", OfferedQos()),
}


def text(content: str) -> bytes:
    return bytes(STORE.serialize_cdr(STORE.types[STRING](content), STRING))


def write_bag(bag: Path, start: int = 100 * SECOND) -> Path:
    """Numbered texts at 100 Hz for three seconds."""
    writer = BagWriter(bag, StorageOptions(min_free_mb=0.0, chunk_kb=4), Provenance("simulation", "pytest"))
    for name, (kind, qos) in TOPICS.items():
        known = kind in STORE.types
        writer.add_topic(Topic(name, kind, STORE.generate_msgdef(kind)[0] if known else "", (qos,)))
    vector = STORE.types["geometry_msgs/msg/Vector3"](0.5, 0.0, 0.0)
    twist = bytes(STORE.serialize_cdr(STORE.types[TWIST](vector, vector), TWIST))
    writer.write("/robot/latched", text("once"), start, start)
    for number in range(COUNT):
        now = start + number * PERIOD
        writer.write("/robot/chatter", text(str(number)), now, now)
        writer.write("/robot/gate/policy", text(str(number)), now, now)
        writer.write("/robot/cmd_vel", twist, now, now)
        if number % 10 == 0:
            writer.write("/robot/sensors/late", text(str(number)), now, now)
    writer.close()
    return bag


class Rig:
    """A player in a process of its own, and a listener here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bag = write_bag(folder / "run")
        self.report = folder / "report.json"
        self.texts: dict[str, list[str]] = {}
        self.times: list[float] = []
        self.clocks: list[int] = []
        self.process: subprocess.Popen[str] | None = None
        self._context = Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node("listener", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.node.create_subscription(Clock, "/clock", self._on_clock, 1000)
        self.pauser = self.node.create_client(SetBool, "/replay/pause")

    def listen(self, topic: str, latched: bool = False, kind: Any = String) -> None:
        self.texts[topic] = []
        durability = DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE
        self.node.create_subscription(
            kind,
            topic,
            lambda message: self._on_message(topic, message),
            QoSProfile(depth=2000, durability=durability),
        )

    def start(self, *parameters: str, **options: Any) -> None:
        given = [f"bag:={self.bag}", "delay:=0.2", f"report:={self.report}", *parameters]
        command = [sys.executable, "-m", "cairn.nodes.bag_player_node", "--ros-args"]
        command += [part for entry in given for part in ("-p", entry)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | options
        self.process = subprocess.Popen(command, **pipes)

    def start_paused(self, *parameters: str) -> None:
        """Begin to play only when every listener is known to the player."""
        self.start("paused:=true", *parameters)
        self.wait_for(self.pauser.service_is_ready)
        self.wait_for(lambda: all(self.node.count_publishers(topic) for topic in self.texts))
        self.pause(False)

    def pause(self, wanted: bool) -> Any:
        future = self.pauser.call_async(SetBool.Request(data=wanted))
        self.wait_for(future.done)
        return future.result()

    def wait_for(self, condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain"
            self._executor.spin_once(timeout_sec=0.05)

    def end(self) -> tuple[int, str]:
        """Listen until the player ends; its exit status and what it said."""
        assert self.process is not None
        self.wait_for(lambda: self.process.poll() is not None)
        for _ in range(20):
            self._executor.spin_once(timeout_sec=0.02)
        output, _ = self.process.communicate(timeout=10.0)
        return self.process.returncode, output or ""

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10.0)
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)

    def _on_message(self, topic: str, message: Any) -> None:
        self.texts[topic].append(getattr(message, "data", "twist"))
        self.times.append(time.monotonic())

    def _on_clock(self, message: Clock) -> None:
        self.clocks.append(message.clock.sec * SECOND + message.clock.nanosec)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.close()


def test_twice_as_fast_nothing_is_lost_and_the_clock_goes_along(rig: Rig) -> None:
    rig.listen("/robot/chatter")
    rig.listen("/robot/latched", latched=True)
    rig.start_paused("rate:=2.0", "exclude:=['strange']")
    status, output = rig.end()
    assert status == 0, output
    assert rig.texts["/robot/chatter"] == [str(number) for number in range(COUNT)]
    assert rig.texts["/robot/latched"] == ["once"]
    took = rig.times[-1] - rig.times[0]
    assert took == pytest.approx(COUNT * PERIOD / SECOND / 2, abs=0.5)
    assert rig.clocks == sorted(rig.clocks)
    assert rig.clocks[0] == 100 * SECOND
    assert rig.clocks[-1] == pytest.approx(103 * SECOND, abs=SECOND // 5)
    assert len(rig.clocks) > 60
    figures = json.loads(rig.report.read_text())
    assert (figures["lost"], figures["unacknowledged"]) == (0, [])
    assert figures["topics"]["/robot/chatter"] == COUNT
    assert figures["lateness_ms"]["p50"] < 50.0
    assert "messages on 3 topics, 0 lost; late by" in output


def test_what_moves_hardware_is_left_out_unless_asked_for_by_name(rig: Rig) -> None:
    rig.listen("/robot/chatter")
    rig.listen("/robot/cmd_vel", kind=Twist)
    rig.listen("/robot/gate/policy")
    rig.start("paused:=true", "rate:=20.0", "publish_commands:=['/robot/cmd_vel']", "exclude:=['strange']")
    rig.wait_for(rig.pauser.service_is_ready)
    rig.wait_for(lambda: rig.node.count_publishers("/robot/cmd_vel"))
    assert rig.node.count_publishers("/robot/gate/policy") == 0
    rig.pause(False)
    status, output = rig.end()
    assert status == 0, output
    assert "left out, because they can move hardware" in output
    assert len(rig.texts["/robot/cmd_vel"]) == COUNT
    assert rig.texts["/robot/gate/policy"] == []


def test_it_pauses_and_goes_on_where_it_was(rig: Rig) -> None:
    rig.listen("/robot/chatter")
    rig.start_paused("exclude:=['strange']")
    rig.wait_for(lambda: len(rig.texts["/robot/chatter"]) > 50)
    answer = rig.pause(True)
    assert (answer.success, answer.message) == (True, "paused")
    heard, clocks = len(rig.texts["/robot/chatter"]), len(rig.clocks)
    rig.wait_for(lambda: len(rig.clocks) > clocks + 5)  # it still says what time it is
    assert len(rig.texts["/robot/chatter"]) <= heard + 2
    assert len(set(rig.clocks[-3:])) == 1
    rig.pause(False)
    status, output = rig.end()
    assert status == 0, output
    assert rig.texts["/robot/chatter"] == [str(number) for number in range(COUNT)]
    assert rig.clocks == sorted(rig.clocks)


def test_a_part_under_other_names(rig: Rig) -> None:
    rig.listen("/replayed/chatter")
    rig.listen("/replayed/latched", latched=True)
    begin, end = 101 * SECOND, 102 * SECOND
    rig.start_paused(
        f"begin:={begin}", f"end:={end}", "rate:=5.0", "topics:=['chatter', 'latched']",
        "remap:=['/robot:=/replayed']",
    )  # fmt: skip
    status, output = rig.end()
    assert status == 0, output
    assert rig.texts["/replayed/chatter"] == [str(number) for number in range(100, 201)]
    assert rig.texts["/replayed/latched"] == ["once"]  # said before, and still true


def test_it_loops_until_a_signal(rig: Rig) -> None:
    rig.listen("/robot/chatter")
    rig.start_paused("rate:=10.0", "loop:=true", "topics:=['chatter']")
    rig.wait_for(
        lambda: rig.texts["/robot/chatter"].count("0") >= 2 and rig.texts["/robot/chatter"][-1] == "50"
    )
    assert rig.process is not None
    rig.process.send_signal(signal.SIGINT)
    status, output = rig.end()
    assert status == 0, output
    assert rig.texts["/robot/chatter"][:COUNT] == [str(number) for number in range(COUNT)]


def test_the_space_key_pauses(rig: Rig) -> None:
    rig.listen("/robot/chatter")
    master, slave = pty.openpty()
    try:
        rig.start("paused:=true", "topics:=['chatter']", stdin=slave)
        rig.wait_for(lambda: rig.node.count_publishers("/robot/chatter"))
        rig.wait_for(rig.pauser.service_is_ready)
        os.write(master, b" ")
        rig.wait_for(lambda: len(rig.texts["/robot/chatter"]) > 20)
        os.write(master, b" ")
        rig.wait_for(lambda: len(set(rig.clocks[-3:])) == 1)
        heard = len(rig.texts["/robot/chatter"])
        os.write(master, b" ")
        rig.wait_for(lambda: len(rig.texts["/robot/chatter"]) > heard + 20)
    finally:
        os.close(slave)
        os.close(master)


def test_a_type_that_is_not_installed_is_reported(rig: Rig) -> None:
    strange = rig.folder / "strange"
    writer = BagWriter(strange, StorageOptions(min_free_mb=0.0), Provenance("simulation", "pytest"))
    writer.add_topic(Topic("/strange", "foreign_msgs/msg/Strange"))
    writer.add_topic(Topic("/chatter", STRING, STORE.generate_msgdef(STRING)[0]))
    for name in ("/strange", "/chatter"):
        writer.write(name, text("x"), SECOND, SECOND)
    writer.close()
    rig.bag = strange
    rig.start()
    status, output = rig.end()
    assert status == 1
    assert "/strange is not published: no message class of foreign_msgs/msg/Strange" in output


def test_a_cut_bag_is_played_up_to_the_cut(rig: Rig) -> None:
    file = next(rig.bag.glob("*.mcap"))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    rig.listen("/robot/chatter")
    rig.start_paused("rate:=20.0", "topics:=['chatter']")
    status, output = rig.end()
    assert status == 0, output
    assert "the bag is cut: played up to the cut" in output
    heard = rig.texts["/robot/chatter"]
    assert 50 < len(heard) < COUNT
    assert heard == [str(number) for number in range(len(heard))]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (["bag:=/nowhere/bag"], "/nowhere/bag is no bag"),
        (["topics:=['nothing']"], "nothing of the bag is to be published; it has /robot/chatter"),
        (["remap:=['chatter']"], "expected a remap of the form old:=new, got 'chatter'"),
        (["publish_commands:=['/other/cmd_vel']"], "the bag has no topic /other/cmd_vel to publish"),
        (["rate:=0.0"], "parameter rate: expected float from 0.01 to 100, got 0.0"),
        (["clock_rate:=1000.0"], "parameter clock_rate"),
    ],
)
def test_bad_input_is_refused(rig: Rig, parameters: list[str], message: str) -> None:
    rig.start(*parameters)
    status, output = rig.end()
    assert status == 2
    assert message in output
    assert "Traceback" not in output


def test_a_second_clock_is_refused(rig: Rig) -> None:
    rig.node.create_publisher(Clock, "/clock", 1)
    rig.start("delay:=10.0")
    status, output = rig.end()
    assert status == 2
    assert "expected to be the only source of the clock" in output
