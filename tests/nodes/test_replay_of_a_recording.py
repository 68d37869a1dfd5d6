"""Simulator and recorder as processes, and the drive they recorded repeated from the bag alone."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from cairn_interfaces.msg import RecorderStatus
from geometry_msgs.msg import TwistStamped
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rosgraph_msgs.msg import Clock

from cairn.episodes.bag_reader import BagReader
from cairn.evaluation.replay.command_replay import replay_commands
from cairn.evaluation.replay.drive_verdict import Tolerances
from cairn.evaluation.replay.time_window import TimeWindow

# Generous: on a busy machine a process may need a minute to start.
PATIENCE = 150.0
pytestmark = pytest.mark.timeout(500)
TOPICS = [
    "/cmd_vel",
    "/platform/odom/filtered",
    "/simulation/ground_truth",
    "/simulation/applied_command",
    "/recorder/status",
]
TWISTS = [(0.6, 0.5), (0.8, -0.4), (0.0, 0.9), (0.7, 0.0), (-0.5, 0.6), (0.9, -0.8), (0.4, 0.3), (0.0, 0.0)]
WORLD = """
<mujoco>
  <worldbody>
    <light pos="0 0 10" dir="0 0 -1"/>
    <geom type="plane" size="0 0 1" rgba=".4 .5 .4 1"/>
    <geom type="box" pos="12 0 1" size=".5 10 1" rgba=".7 .3 .2 1"/>
    <geom type="box" pos="-12 0 1" size=".5 10 1" rgba=".2 .3 .7 1"/>
    <site name="start" pos="0 0 0"/>
    <site name="goal" pos="9 3 0"/>
  </worldbody>
</mujoco>"""


class Rig:
    """The processes, and the one who drives."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []
        self.clock = Clock()
        self.received: dict[str, int] = {}
        self._context = Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node("driver", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.node.create_subscription(Clock, "/clock", self._on_clock, 10)
        self.node.create_subscription(RecorderStatus, "/recorder/status", self._on_status, 10)
        self.command = self.node.create_publisher(TwistStamped, "cmd_vel", 1)

    def start(self, node: str, **parameters: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", f"cairn.nodes.{node}_node", "--ros-args"]
        command += [part for key, value in parameters.items() for part in ("-p", f"{key}:={value}")]
        self.processes.append(subprocess.Popen(command, text=True, stdout=subprocess.DEVNULL))
        return self.processes[-1]

    @property
    def now(self) -> float:
        return float(self.clock.clock.sec + 1e-9 * self.clock.clock.nanosec)

    def wait_for(self, condition: Any) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain at {self.now} s"
            self._executor.spin_once(timeout_sec=0.1)

    def drive(self, linear: float, angular: float, seconds: float) -> None:
        """As the gate does: the same command again with every tick of the clock."""
        end, last = self.now + seconds, -1.0
        message = TwistStamped()
        message.twist.linear.x, message.twist.angular.z = linear, angular

        def over() -> bool:
            nonlocal last
            if self.now > last:
                last, message.header.stamp = self.now, self.clock.clock
                self.command.publish(message)
            return self.now >= end

        self.wait_for(over)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait(10.0)
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)

    def _on_clock(self, message: Clock) -> None:
        self.clock = message

    def _on_status(self, message: RecorderStatus) -> None:
        self.received = dict(zip(message.topics, message.received, strict=True))


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


def test_a_drive_is_repeated_from_its_bag(rig: Rig, tmp_path: Path) -> None:
    world = tmp_path / "yard.xml"
    world.write_text(WORLD)
    simulator = rig.start("sim", world=world, camera_width=64, camera_height=48)
    recorder = rig.start(
        "recorder", directory=tmp_path, name="run", topics=TOPICS, use_sim_time=True, min_free_mb=1.0
    )
    rig.wait_for(lambda: all(rig.received.get(topic, 0) > 0 for topic in TOPICS[1:3]))
    rig.wait_for(lambda: rig.command.get_subscription_count() == 2)
    rig.drive(0.0, 0.0, 1.0)
    for linear, angular in TWISTS * 2:
        rig.drive(linear, angular, 1.0)
    for process in (recorder, simulator):
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0

    reader = BagReader(tmp_path / "run")
    result = replay_commands(reader, tmp_path / "run", TimeWindow.of(reader), Tolerances())
    verdict = result.verdict
    assert verdict.passed, (verdict.findings, verdict.notes)
    assert verdict.distance[-1] > 4.0
    assert verdict.worst_share < 0.02
    assert verdict.heading_error.max() < 3.0
    assert [note for note in verdict.notes if note.startswith("the drive was repeated to the last digits (")]
