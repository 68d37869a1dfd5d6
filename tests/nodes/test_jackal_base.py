"""The Jackal driver against a process that behaves like the platform."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rclpy
from base_contract import PATIENCE, BaseContract, BaseRig, is_at_rest
from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import Twist as TwistMessage
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from std_srvs.srv import SetBool

from cairn.hardware.mobile_base import BaseLost
from cairn.hardware.twist import Twist
from cairn.nodes.jackal_base import JackalBase

EMULATOR = Path(__file__).with_name("platform_emulator.py")


class Platform:
    """The emulator's process and a node of the test's own, spun by a thread."""

    def __init__(self, stamped: bool) -> None:
        self.stamped = stamped
        self.process = subprocess.Popen(
            [sys.executable, EMULATOR, "--ros-args", "-p", f"stamped:={str(stamped).lower()}", *NAMESPACE],
        )
        self.context = Context()
        rclpy.init(args=["--ros-args", *NAMESPACE], context=self.context)
        self.node = Node("test", context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.thread = threading.Thread(target=self.executor.spin, daemon=True)
        self.thread.start()
        self.base = self.make()

    def make(
        self, node: Node | None = None, start_timeout: float = 20.0, odometry_timeout: float = 2.0
    ) -> JackalBase:
        return JackalBase(
            node or self.node,
            stamped=self.stamped,
            start_timeout=start_timeout,
            odometry_timeout=odometry_timeout,
        )

    def call(self, service: str, value: bool) -> None:
        client = self.node.create_client(SetBool, f"emulator/{service}")
        assert client.wait_for_service(20)
        future = client.call_async(SetBool.Request(data=value))
        wait_until(future.done)
        self.node.destroy_client(client)

    def reset(self) -> None:
        """A base at rest that has forgotten every command."""
        self.call("press_emergency_stop", False)
        self.call("silence", False)
        self.base = self.make()
        self.base.start()
        wait_until(lambda: is_at_rest(self.base.odometry()))
        self.base.stop()

    def close(self) -> None:
        self.process.terminate()
        self.executor.shutdown()
        self.thread.join(5)
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)
        self.process.wait(10)


NAMESPACE = ["-r", "__ns:=/j100_0001"]


def answers(base: JackalBase) -> bool:
    try:
        return base.odometry().stamp > 0
    except BaseLost:
        return False


def wait_until(condition: Callable[[], bool], timeout: float = 2 * PATIENCE) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(0.01)


@pytest.fixture(scope="module", params=[True, False], ids=["TwistStamped", "Twist"])
def running(request: pytest.FixtureRequest) -> Iterator[Platform]:
    platform = Platform(request.param)
    yield platform
    platform.close()


@pytest.fixture
def platform(running: Platform) -> Iterator[Platform]:
    running.reset()
    yield running
    running.base.stop()


class TestJackalContract(BaseContract):
    @pytest.fixture
    def rig(self, platform: Platform) -> BaseRig:
        return BaseRig(platform.base)


def test_the_platforms_emergency_stop_is_seen_and_nothing_is_sent_meanwhile(platform: Platform) -> None:
    base = platform.base
    base.start()
    rig = BaseRig(base)
    rig.watch_until(lambda now: now.linear > 0.4, Twist(0.5, 0.0))
    platform.call("press_emergency_stop", True)
    wait_until(lambda: base.is_emergency_stopped)
    assert base.command(Twist(0.5, 0.0)) == Twist()
    rig.watch_until(is_at_rest, Twist(0.5, 0.0))
    platform.call("press_emergency_stop", False)
    wait_until(lambda: not base.is_emergency_stopped)
    assert base.command(Twist(0.1, 0.0)) == Twist(0.1, 0.0)


def test_the_vendors_joystick_wins(platform: Platform) -> None:
    joystick = platform.node.create_publisher(
        TwistStamped if platform.stamped else TwistMessage, "joy_teleop/cmd_vel", 1
    )
    wait_until(lambda: joystick.get_subscription_count() > 0)
    back = TwistMessage()
    back.linear.x = -0.3
    base = platform.base
    base.start()
    rig = BaseRig(base)
    deadline = time.monotonic() + PATIENCE
    while rig.drive(Twist(0.5, 0.0), 0.05).linear > -0.25:
        joystick.publish(TwistStamped(twist=back) if platform.stamped else back)
        assert time.monotonic() < deadline
    rig.watch_until(lambda now: now.linear > 0.4, Twist(0.5, 0.0))  # the joystick has timed out
    platform.node.destroy_publisher(joystick)


def test_a_silent_platform_is_lost_and_comes_back(platform: Platform) -> None:
    base = platform.make(odometry_timeout=0.5)
    base.start()
    platform.call("silence", True)
    rig = BaseRig(base)
    begun = time.monotonic()
    with pytest.raises(BaseLost, match=r"odometry is silent for 0\.\d\d s, valid are 0\.5 s"):
        rig.watch(PATIENCE)
    assert time.monotonic() - begun < 2.0
    platform.call("silence", False)
    wait_until(lambda: answers(base))
    base.stop()


def test_an_absent_platform_is_told_at_start(platform: Platform) -> None:
    node = Node("elsewhere", context=platform.context, namespace="j100_0002", use_global_arguments=False)
    base = platform.make(node, start_timeout=0.3)
    with pytest.raises(
        BaseLost, match=r"expected odometry on /j100_0002/platform/odom/filtered within 0.3 s"
    ):
        base.start()
    node.destroy_node()


def test_a_node_without_executor_is_spun_at_start(platform: Platform) -> None:
    node = Node("unspun", context=platform.context)
    base = platform.make(node)
    base.start()
    assert base.odometry().stamp > 0
    assert node.executor is None
    base.stop()
    node.destroy_node()


def test_odometry_that_is_not_finite_is_refused_and_counted(platform: Platform) -> None:
    node = Node("other", context=platform.context, namespace="j100_0003", use_global_arguments=False)
    publisher = node.create_publisher(Odometry, "platform/odom/filtered", 1)
    listener = Node("listener", context=platform.context, namespace="j100_0003", use_global_arguments=False)
    platform.executor.add_node(listener)
    base = platform.make(listener, start_timeout=0)
    base.start()
    wait_until(lambda: publisher.get_subscription_count() > 0)
    bad = Odometry()
    bad.pose.pose.orientation.w = 1.0
    bad.twist.twist.linear.x = float("nan")
    unturned = Odometry()
    unturned.pose.pose.orientation.w = 0.0
    publisher.publish(bad)
    publisher.publish(unturned)
    wait_until(lambda: base.rejected_odometry == 2)
    with pytest.raises(BaseLost, match="no odometry has arrived"):
        base.odometry()
    base.stop()
    platform.executor.remove_node(listener)
    listener.destroy_node()
    node.destroy_node()


def test_the_mcu_status_is_optional(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert platform.base.is_mcu_alive is None
    # Any message type does: only its arrival counts.
    module = types.ModuleType("clearpath_platform_msgs.msg")
    module.Status = DiagnosticStatus  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "clearpath_platform_msgs", types.ModuleType("clearpath_platform_msgs"))
    monkeypatch.setitem(sys.modules, "clearpath_platform_msgs.msg", module)
    base = platform.base
    base.start()
    assert base.is_mcu_alive is False
    publisher = platform.node.create_publisher(DiagnosticStatus, "platform/mcu/status", 1)
    wait_until(lambda: publisher.get_subscription_count() > 0)
    publisher.publish(DiagnosticStatus())
    wait_until(lambda: base.is_mcu_alive is True)
    platform.node.destroy_publisher(publisher)
