"""A gate in its own process, and a test process that plays everything around it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from cairn_interfaces.msg import GateStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rcl_interfaces.srv import SetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from cairn.nodes.realtime import ask_for_realtime

HERE = Path(__file__).parent
_TURN = 0.002
# Generous: on a busy machine a process may need a minute to start.
PATIENCE = 90.0


@dataclass
class Player:
    """Something that publishes at a rate: `make(stamp)` fills a message."""

    period: float
    publish: Callable[[float], None]
    on: bool = True
    due: float = 0.0
    last_sent: float = 0.0
    sent: int = 0


@dataclass(frozen=True)
class Command:
    """A command as it came out of the gate: arrival [monotonic s], stamp [s], twist."""

    arrived: float
    stamp: float
    linear: float
    angular: float


@dataclass
class Heard:
    """Everything that the test process received."""

    commands: list[Command] = field(default_factory=list)
    statuses: list[GateStatus] = field(default_factory=list)
    diagnostics: list[tuple[float, DiagnosticStatus]] = field(default_factory=list)
    base_speeds: list[tuple[float, float]] = field(default_factory=list)


class GateRig:
    """Starts a gate and plays camera (30 Hz), odometry (50 Hz) and policy (20 Hz).

    One loop publishes, receives and takes the time.  It asks for real-time priority, as the gate does,
    so that a busy machine is not taken for a slow gate; what is late all the same is `lateness_ms`.
    """

    def __init__(self, **parameters: Any) -> None:
        self.heard = Heard()
        self.stamp_offset = {"camera": 0.0, "odometry": 0.0, "policy": 0.0}
        self.twist = (0.4, 0.1)
        self.frozen = False
        self.processes: list[subprocess.Popen[bytes]] = []
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node("rig", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._pictures = np.random.default_rng(1).integers(0, 256, (16, 120, 160, 3), np.uint8)
        self._turns: list[tuple[float, float]] = []
        self.simulated_time: float | None = None
        self._connect()
        ask_for_realtime(5)
        self.gate = self.start("-m", "cairn.nodes.command_gate_node", discovery_time=0.0, **parameters)

    def _connect(self) -> None:
        node = self.node
        self._image = node.create_publisher(Image, "sensors/camera/image", 1)
        self._odometry = node.create_publisher(Odometry, "platform/odom/filtered", 1)
        self._policy = node.create_publisher(TwistStamped, "gate/policy", 10)
        self._deadman = node.create_publisher(Bool, "gate/deadman", 1)
        self._emergency_stop = node.create_publisher(Bool, "platform/emergency_stop", 1)
        self._clock = node.create_publisher(Clock, "/clock", 1)
        self.arm = node.create_client(Trigger, "gate/arm")
        self.set_parameters = node.create_client(SetParameters, "command_gate/set_parameters")
        self.camera = Player(1 / 30, self._send_image)
        self.odometry = Player(1 / 50, self._send_odometry)
        self.policy = Player(1 / 20, self._send_twist)
        self.deadman = Player(1 / 20, lambda _: self.send_deadman(True), on=False)
        self.clock = Player(1 / 100, self._send_clock, on=False)
        self._players = (self.clock, self.camera, self.odometry, self.policy, self.deadman)
        node.create_subscription(TwistStamped, "cmd_vel", self._on_command, 100)
        node.create_subscription(GateStatus, "gate/status", self.heard.statuses.append, 100)
        node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 100)
        node.create_subscription(Odometry, "base/odometry", self._on_base, qos_profile_sensor_data)

    # -- processes

    def start(self, *command: str, **parameters: Any) -> subprocess.Popen[bytes]:
        """Start a Python process with these ROS parameters."""
        arguments = ["--ros-args"]
        for name, value in parameters.items():
            arguments += ["-p", f"{name}:={str(value).lower()}"]
        process = subprocess.Popen([sys.executable, *command, *arguments])
        self.processes.append(process)
        return process

    def close(self) -> None:
        """End every process and the test's own node."""
        for process in self.processes:
            # In order where possible: a killed process leaves its shared memory behind.
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)

    # -- time passes

    def turn(self) -> None:
        """Publish what is due and receive what has come."""
        now = time.monotonic()
        for player in self._players:
            if player.on and now >= player.due:
                player.publish(now)
                player.last_sent = time.monotonic()
                player.sent += 1
                player.due = max(player.due + player.period, now)
        self._executor.spin_once(timeout_sec=_TURN)
        self._turns.append((now, time.monotonic() - now))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.turn()

    def until(self, condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> None:
        """Let time pass until something holds; fails after `patience` seconds."""
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                last = self.heard.statuses[-1].reason if self.heard.statuses else "no status came"
                raise AssertionError(f"waited {patience:g} s in vain until {what}; the gate: {last!r}")
            self.turn()

    def lateness_ms(self, since: float) -> float:
        """How late the machine let both processes run, since a monotonic time.

        The worst turn of this process beyond its due, plus the worst tick that the gate reports.
        """
        own = [1000 * (took - _TURN) for began, took in self._turns if began + took >= since]
        gate = [
            float(value.value)
            for arrived, status in self.heard.diagnostics
            if arrived >= since
            for value in status.values
            if value.key == "worst tick lateness [ms]"
        ]
        return max(0.0, *own) + max(gate, default=0.0)

    def drive(self) -> None:
        """Return when the robot has driven for 0.3 s without a stop."""

        def has_driven() -> bool:
            recent = [one for one in self.heard.commands if one.arrived > time.monotonic() - 0.3]
            return len(recent) >= 10 and all(one.linear != 0.0 for one in recent)

        self.until(has_driven, "the gate lets the policy drive for a while")

    # -- what was heard

    @property
    def is_moving(self) -> bool:
        return bool(self.heard.commands) and self.heard.commands[-1].linear != 0.0

    @property
    def status(self) -> GateStatus:
        return self.heard.statuses[-1]

    def first_zero(self, after: float) -> float:
        """Wait for a zero command that arrives after a monotonic time; returns its arrival."""
        return self._first(lambda one: one.linear == 0.0 and one.angular == 0.0, after, "a zero command")

    def first_motion(self, after: float) -> float:
        """Wait for a command other than zero that arrives after a monotonic time; returns its arrival."""
        return self._first(lambda one: one.linear != 0.0, after, "a moving command")

    def _first(self, matches: Callable[[Command], bool], after: float, what: str) -> float:
        def found() -> list[Command]:
            return [one for one in self.heard.commands if one.arrived > after and matches(one)]

        self.until(found, f"{what} comes")
        return found()[0].arrived

    def first_error(self, after: float) -> float:
        """Wait for an ERROR diagnostic after a monotonic time; returns its arrival."""

        def found() -> list[float]:
            return [
                arrived
                for arrived, status in self.heard.diagnostics
                if arrived > after and status.level == DiagnosticStatus.ERROR
            ]

        self.until(found, "an ERROR diagnostic comes")
        return found()[0]

    def call(self, client: Any, request: Any) -> Any:
        """Call a service of the gate while everything goes on."""
        self.until(client.service_is_ready, "the service is there")
        future = client.call_async(request)
        self.until(future.done, "the service answers")
        return future.result()

    def change_parameter(self, name: str, value: Any) -> Any:
        """Set one parameter of the gate; returns its SetParametersResult."""
        wanted = Parameter(name, value=value).to_parameter_msg()
        return self.call(self.set_parameters, SetParameters.Request(parameters=[wanted])).results[0]

    # -- what is played

    def send_twist(self, linear: float, angular: float, age: float = 0.0) -> None:
        """One command of the policy, with a stamp of this age [s]."""
        message = TwistStamped()
        message.header.stamp = self._stamp(-age)
        message.twist.linear.x = linear
        message.twist.angular.z = angular
        self._policy.publish(message)

    def send_deadman(self, pressed: bool) -> None:
        """One state of the deadman switch."""
        self._deadman.publish(Bool(data=pressed))

    def send_emergency_stop(self, pressed: bool) -> None:
        """One state of the emergency stop."""
        self._emergency_stop.publish(Bool(data=pressed))

    def _send_twist(self, _: float) -> None:
        self.send_twist(*self.twist, age=-self.stamp_offset["policy"])

    def _send_image(self, _: float) -> None:
        picture = self._pictures[0 if self.frozen else self.camera.sent % len(self._pictures)]
        message = Image(height=120, width=160, encoding="rgb8", step=480, data=picture.tobytes())
        message.header.stamp = self._stamp(self.stamp_offset["camera"])
        self._image.publish(message)

    def _send_odometry(self, _: float) -> None:
        message = Odometry()
        message.header.stamp = self._stamp(self.stamp_offset["odometry"])
        self._odometry.publish(message)

    def _send_clock(self, _: float) -> None:
        assert self.simulated_time is not None
        self.simulated_time += self.clock.period
        self._clock.publish(Clock(clock=self._stamp(0.0)))

    def _stamp(self, offset: float) -> Any:
        now = time.time() if self.simulated_time is None else self.simulated_time
        return rclpy.time.Time(nanoseconds=max(0, round(1e9 * (now + offset)))).to_msg()

    def _on_command(self, message: TwistStamped) -> None:
        stamp = message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec
        command = Command(time.monotonic(), stamp, message.twist.linear.x, message.twist.angular.z)
        self.heard.commands.append(command)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        self.heard.diagnostics += [(time.monotonic(), status) for status in message.status]

    def _on_base(self, message: Odometry) -> None:
        self.heard.base_speeds.append((time.monotonic(), message.twist.twist.linear.x))
