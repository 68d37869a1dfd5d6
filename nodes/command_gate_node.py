"""The command gate: the only publisher of the base command."""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cairn_interfaces.msg import GateStatus
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Twist as TwistMessage
from geometry_msgs.msg import TwistStamped
from nav_msgs.msg import Odometry
from rclpy.clock import Clock, ClockType  # type: ignore[attr-defined]
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import Image
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from cairn.hardware.gate.command_gate import CommandGate
from cairn.hardware.gate.fault import Cause
from cairn.hardware.gate.instant import Instant
from cairn.hardware.gate.settings import GateSettings
from cairn.hardware.gate.verdict import Verdict
from cairn.hardware.setting import setting
from cairn.nodes.event_callbacks import NO_PUBLISHER_EVENTS, NO_SUBSCRIPTION_EVENTS
from cairn.nodes.gate_messages import (
    diagnostic_level,
    diagnostics_message,
    is_odometry_finite,
    status_message,
)
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.qos_profiles import NEWEST
from cairn.nodes.realtime import ask_for_realtime
from cairn.nodes.single_instance import DISCOVERY_TIME, SingleInstance
from cairn.nodes.stamps import seconds_from_stamp
from cairn.nodes.twist_conversion import twist_from_message, twist_to_message, twist_to_stamped_message

STATUS_RATE = 10.0
DIAGNOSTICS_RATE = 1.0
GRAPH_RATE = 4.0
SAMPLED_BYTES = 256


@dataclass(frozen=True)
class GateNodeSettings(GateSettings):
    """The gate's settings and those of its ROS side."""

    rate: float = setting("ticks per second", 50.0, minimum=20.0, maximum=200.0, fixed=True)
    command_type: str = setting(
        "message of the command topic", "twist_stamped", choices=("twist", "twist_stamped"), fixed=True
    )
    realtime_priority: int = setting(
        "SCHED_FIFO priority to ask the system for; 0: ordinary scheduling",
        10,
        minimum=0,
        maximum=98,
        fixed=True,
    )
    base_frame: str = setting("frame of stamped commands", "base_link", fixed=True)
    discovery_time: float = setting(
        "how long to look for another gate at start, before the first command [s]",
        DISCOVERY_TIME,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )


class CommandGateNode(Node):
    """Hands messages to the gate, ticks it by a steady clock and publishes what it decides.

    Until it knows that no other gate is at work it is silent: a second publisher of commands would stop the
    robot of the first.  Raises InvalidSetting on bad parameters, and SecondInstance while it spins.
    """

    def __init__(self) -> None:
        super().__init__("command_gate")
        self._declared = NodeParameters(self, GateNodeSettings, self._change)
        settings = self._declared.value
        self._settings = settings
        SingleInstance(self, "gate/status", "gate", settings.discovery_time, self._begin)
        self._gate = CommandGate(settings)
        self._ticks = 0
        self._worst_lateness = 0.0
        self._expected_tick: float | None = None
        self._announced: tuple[object, ...] | None = None
        self._announced_level: bytes | None = None
        self._command: Publisher[Any] | None = None
        if settings.realtime_priority and not ask_for_realtime(settings.realtime_priority):
            self.get_logger().info(
                "runs without real-time priority, which the system doesn't permit: commands and stops "
                "may be late when the processor is busy"
            )

    def _begin(self) -> None:
        """Take part in the traffic and command the base, zero at first."""
        settings = self._settings
        command_type = TwistMessage if settings.command_type == "twist" else TwistStamped
        self._command = self._publisher(command_type, "cmd_vel", 1)
        self._status = self._publisher(GateStatus, "gate/status", 10)
        self._diagnostics = self._publisher(DiagnosticArray, "/diagnostics", 10)
        for source in ("teleop", "policy"):
            self._listen(TwistStamped, f"gate/{source}", self._candidate_listener(source))
        if settings.require_camera:
            self._listen(Image, "sensors/camera/image", self._on_image, NEWEST)
        if settings.require_odometry:
            self._listen(Odometry, "platform/odom/filtered", self._on_odometry, NEWEST)
        self._listen(Bool, "gate/deadman", self._on_deadman)
        self._listen(Bool, "gate/deadman_lost", self._on_deadman_lost)
        self._listen(Bool, "platform/emergency_stop", self._on_emergency_stop)
        self.create_service(Trigger, "gate/arm", self._on_arm)
        self.create_timer(1.0 / settings.rate, self._tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Publish a last zero and wait until every base that listens has it."""
        if self._command is None:
            return
        self._publish(self._gate.shut())
        self._command.wait_for_all_acked(Duration(seconds=0.2))

    def _publisher(self, kind: type, topic: str, depth: int) -> Publisher[Any]:
        return self.create_publisher(kind, topic, depth, event_callbacks=NO_PUBLISHER_EVENTS)

    def _listen(
        self,
        kind: type,
        topic: str,
        callback: Callable[[Any], None],
        qos: QoSProfile = qos_profile_sensor_data,
    ) -> None:
        self.create_subscription(kind, topic, callback, qos, event_callbacks=NO_SUBSCRIPTION_EVENTS)

    def _change(self, settings: GateNodeSettings) -> None:
        self._gate.change_limits(settings)

    def _now(self) -> Instant:
        return Instant(time.monotonic(), 1e-9 * self.get_clock().now().nanoseconds)

    def _candidate_listener(self, source: str) -> Callable[[TwistStamped], None]:
        def on_candidate(message: TwistStamped) -> None:
            twist = twist_from_message(message.twist)
            self._gate.offer(source, twist, seconds_from_stamp(message.header.stamp), self._now())
            self._decide_if_due()

        return on_candidate

    def _on_image(self, message: Image) -> None:
        self._gate.observe_camera(
            seconds_from_stamp(message.header.stamp), self._now(), _checksum(message.data)
        )

    def _on_odometry(self, message: Odometry) -> None:
        self._gate.observe_odometry(
            seconds_from_stamp(message.header.stamp), self._now(), is_odometry_finite(message)
        )

    def _on_deadman(self, message: Bool) -> None:
        self._gate.observe_deadman(message.data, self._now())
        self._decide_if_due()

    def _on_deadman_lost(self, message: Bool) -> None:
        if message.data:
            self._gate.observe_deadman_lost()
            self._decide_if_due()

    def _on_emergency_stop(self, message: Bool) -> None:
        self._gate.observe_emergency_stop(message.data, self._now())
        self._decide_if_due()

    def _on_arm(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        refusal = self._gate.arm()
        response.success = refusal is None
        response.message = "armed" if refusal is None else f"refused: {refusal}"
        self.get_logger().info(f"arm: {response.message}")
        return response

    def _tick(self) -> None:
        self._note_lateness()
        assert self._command is not None
        if self._is_due(GRAPH_RATE):
            others = self.count_publishers(self._command.topic_name) - 1
            self._gate.observe_foreign_publishers(max(others, 0))
        self._decide(status=self._is_due(STATUS_RATE), diagnostics=self._is_due(DIAGNOSTICS_RATE))
        self._ticks += 1

    def _note_lateness(self) -> None:
        now, period = time.monotonic(), 1.0 / self._settings.rate
        if self._expected_tick is not None:
            self._worst_lateness = max(self._worst_lateness, now - self._expected_tick)
        self._expected_tick = now + period

    def _is_due(self, rate: float) -> bool:
        return self._ticks % max(1, round(self._settings.rate / rate)) == 0

    def _decide_if_due(self) -> None:
        if self._gate.is_tick_due:
            self._decide()

    def _decide(self, status: bool = False, diagnostics: bool = False) -> None:
        now = self._now()
        verdict = self._gate.tick(now)
        self._publish(verdict)
        decision = (verdict.state, verdict.cause, verdict.source)
        if decision != self._announced:
            self._log(verdict)
        stamp = self.get_clock().now().to_msg()
        if status or decision != self._announced:
            self._status.publish(status_message(verdict, self._gate, stamp))
        self._announced = decision
        faults = self._gate.faults(now)
        level = diagnostic_level(verdict, faults)
        if diagnostics or level != self._announced_level:
            self._diagnostics.publish(
                diagnostics_message(verdict, faults, self._gate, self._worst_lateness, stamp)
            )
            self._worst_lateness = 0.0
        self._announced_level = level

    def _log(self, verdict: Verdict) -> None:
        if verdict.cause is Cause.NONE:
            self.get_logger().info(f"{verdict.source} drives")
        elif verdict.cause.is_error:
            self.get_logger().error(f"stopped: {verdict.reason}")
        else:
            self.get_logger().info(f"stopped: {verdict.reason}")

    def _publish(self, verdict: Verdict) -> None:
        assert self._command is not None
        if self._settings.command_type == "twist":
            self._command.publish(twist_to_message(verdict.commanded))
        else:
            stamp = self.get_clock().now().to_msg()
            self._command.publish(
                twist_to_stamped_message(verdict.commanded, stamp, self._settings.base_frame)
            )


def _checksum(data: memoryview) -> int:
    # Noise makes any two real pictures differ even in a sample; a prime stride spreads it over columns.
    stride = max(1, len(data) // SAMPLED_BYTES) | 1
    return zlib.crc32(bytes(data[::stride]))


def main() -> int:
    """Run the gate until a signal; returns the exit status."""
    return run_node(CommandGateNode)


if __name__ == "__main__":
    sys.exit(main())
