import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import rclpy
import yaml
from cairn_interfaces.msg import GateStatus
from geometry_msgs.msg import Twist, TwistStamped
from rclpy.executors import SingleThreadedExecutor

from cairn.hardware.setting import setting_types
from cairn.nodes.command_gate_node import GateNodeSettings

os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
PARAMETERS = Path(__file__).parents[2] / "launch" / "parameters" / "gate.yaml"


class Bench:
    """Starts gates and listens to them."""

    def __init__(self) -> None:
        self.processes = []
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node("bench", context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)

    def start(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "cairn.nodes.command_gate_node", "--ros-args", *arguments],
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def listen(self, kind, topic):
        heard = []
        self.node.create_subscription(kind, topic, heard.append, 10)
        return heard

    def until(self, condition):
        deadline = time.monotonic() + 60.0
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            self.executor.spin_once(timeout_sec=0.05)

    def close(self):
        for process in self.processes:
            process.terminate()
            process.communicate(timeout=20)
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def bench():
    made = Bench()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "policy_timeout:=60.0"], "parameter policy_timeout: expected float from 0.02 to 2, got 60.0"),
        (["-p", "polcy_timeout:=0.2"], "unknown parameter polcy_timeout; valid are linear_speed"),
        (["-p", "command_type:=joint"], "expected str one of twist, twist_stamped, got 'joint'"),
    ],
)
def test_bad_parameters_are_refused_with_status_2(bench, arguments, message):
    gate = bench.start(*arguments)

    _, err = gate.communicate(timeout=30)

    assert message in err
    assert "Traceback" not in err
    assert gate.returncode == 2


def test_a_second_gate_on_the_same_topics_is_refused(bench):
    statuses = bench.listen(GateStatus, "gate/status")
    bench.start("-p", "discovery_time:=0.0")
    bench.until(lambda: statuses)

    before = len(statuses)
    second = bench.start("-p", "discovery_time:=10.0")
    bench.until(lambda: second.poll() is not None)

    assert second.returncode == 2
    assert "expected to be the only gate, but /gate/status belongs to /command_gate" in second.stderr.read()
    assert bench.processes[0].poll() is None
    bench.until(lambda: len(statuses) > before + 5)
    # The second was silent: its commands would have stopped the robot.
    assert all(status.foreign_publishers == 0 for status in statuses)


def test_of_two_gates_that_start_at_once_one_goes_on(bench):
    statuses = bench.listen(GateStatus, "gate/status")
    both = [bench.start("-p", "discovery_time:=10.0") for _ in range(2)]
    bench.until(lambda: statuses)

    assert sorted(str(gate.poll()) for gate in both) == ["2", "None"]


def test_a_gate_follows_one_that_was_killed(bench):
    """The bench still knows the dead one; who is new must not be told of it."""
    statuses = bench.listen(GateStatus, "gate/status")
    first = bench.start("-p", "discovery_time:=0.0")
    bench.until(lambda: statuses)
    first.kill()
    first.wait()
    before = len(statuses)
    second = bench.start()
    bench.until(lambda: len(statuses) > before + 15)  # more than may still be on their way from the first

    assert second.poll() is None


def test_a_gate_in_another_namespace_is_another_robot(bench):
    first = bench.listen(TwistStamped, "/one/cmd_vel")
    second = bench.listen(TwistStamped, "/two/cmd_vel")
    bench.start("-r", "__ns:=/one")
    bench.until(lambda: first)
    bench.start("-r", "__ns:=/two")
    bench.until(lambda: second)

    assert bench.processes[0].poll() is None
    assert first[-1].header.frame_id == "base_link"


def test_silence_in_is_unstamped_zeros_out_for_a_base_that_wants_twist(bench):
    commands = bench.listen(Twist, "cmd_vel")
    gate = bench.start("-p", "command_type:=twist", "-p", "discovery_time:=0.0")
    bench.until(lambda: len(commands) >= 20)

    assert all(command == Twist() for command in commands)
    gate.send_signal(signal.SIGTERM)
    gate.communicate(timeout=20)
    assert gate.returncode == 0


def test_the_shipped_parameters_are_complete_and_valid():
    given = yaml.safe_load(PARAMETERS.read_text())["/**"]["command_gate"]["ros__parameters"]

    assert set(setting_types(GateNodeSettings)) - set(given) == {"base_frame"}
    GateNodeSettings(**given)


def test_a_gate_starts_with_the_shipped_parameters(bench):
    statuses = bench.listen(GateStatus, "gate/status")
    bench.start("--params-file", str(PARAMETERS))
    bench.until(lambda: statuses)

    assert (statuses[0].state, statuses[0].reason) == (GateStatus.STOPPED, "camera not seen yet")
