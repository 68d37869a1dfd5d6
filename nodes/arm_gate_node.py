"""The arm's gate: the only publisher of the joints' command."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from cairn_interfaces.msg import ArmCommand, ArmGateStatus, HandStep
from cairn_interfaces.msg import ArmState as ArmStateMessage
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from cairn.hardware.arm.gate.arm_gate import ArmGate
from cairn.hardware.arm.gate.arm_verdict import ArmVerdict
from cairn.hardware.arm.gate.settings import ArmGateSettings
from cairn.hardware.arm.gate.workspace import Workspace
from cairn.hardware.arm.kinematics import ArmKinematics
from cairn.hardware.arm.widowx_250s import HAND, HULL, urdf, widowx_250s
from cairn.hardware.errors import CairnError
from cairn.hardware.gate.fault import Cause
from cairn.hardware.gate.instant import Instant
from cairn.hardware.setting import setting
from cairn.nodes.arm_messages import (
    command_to_message,
    state_from_message,
    status_message,
    step_from_message,
)
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.realtime import ask_for_realtime
from cairn.nodes.single_instance import DISCOVERY_TIME, SingleInstance
from cairn.nodes.stamps import seconds_from_stamp

STATUS_PERIOD = 0.1
DIAGNOSTICS_PERIOD = 1.0


@dataclass(frozen=True)
class ArmGateNodeSettings(ArmGateSettings):
    """The gate's settings and those of its ROS side."""

    realtime_priority: int = setting(
        "SCHED_FIFO priority to ask the system for; 0: ordinary scheduling",
        10,
        minimum=0,
        maximum=98,
        fixed=True,
    )
    discovery_time: float = setting(
        "how long to look for another gate at start, before the first command [s]",
        DISCOVERY_TIME,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )


class ArmGateNode(Node):
    """Takes steps of the hand from `arm_gate/teleop` and `arm_gate/policy`, and commands the joints.

    Raises CairnError on bad parameters, a description that can't be had, or a second gate.
    """

    def __init__(self) -> None:
        super().__init__("arm_gate")
        settings = NodeParameters(self, ArmGateNodeSettings).value
        self._settings = settings
        self._alone = SingleInstance(
            self, "arm_gate/status", "gate of the arm", settings.discovery_time, self._begin
        )
        arm = widowx_250s()
        self._names = arm.joint_names
        workspace = Workspace(
            _corner(settings.workspace_lower), _corner(settings.workspace_upper), np.array(HULL)
        )
        self._gate = ArmGate(ArmKinematics(arm, urdf(), HAND), workspace, settings)
        self._announced: tuple[object, ...] | None = None
        self._told_target: NDArray[np.float64] | None = None
        self._due = {"status": 0.0, "diagnostics": 0.0}
        self._expected: float | None = None
        self._worst_lateness = 0.0
        if settings.realtime_priority:
            ask_for_realtime(settings.realtime_priority)

    def _begin(self) -> None:
        """Take part in the traffic, now that nobody else commands the arm."""
        self._command = self.create_publisher(ArmCommand, "arm/command", 1)
        self._status = self.create_publisher(ArmGateStatus, "arm_gate/status", 10)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        listen = self.create_subscription
        listen(ArmStateMessage, "arm/state", self._on_state, qos_profile_sensor_data)
        for source in ("teleop", "policy"):
            listen(HandStep, f"arm_gate/{source}", self._step_listener(source), qos_profile_sensor_data)
        listen(Bool, "platform/emergency_stop", self._on_emergency_stop, qos_profile_sensor_data)
        self.create_service(Trigger, "arm_gate/arm", self._on_arm)
        self.create_timer(self._settings.period, self._tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Hold, and see to it that the arm knows."""
        if not self._alone.has_settled:
            return
        self._send(self._gate.shut(self._now()))
        self._command.wait_for_all_acked(Duration(seconds=0.2))

    def _now(self) -> Instant:
        return Instant(time.monotonic(), 1e-9 * self.get_clock().now().nanoseconds)

    def _on_state(self, message: ArmStateMessage) -> None:
        try:
            self._gate.observe_state(state_from_message(message, self._names), self._now())
        except CairnError as error:
            self.get_logger().error(f"arm/state: {error}", throttle_duration_sec=1.0)

    def _step_listener(self, source: str) -> Callable[[HandStep], None]:
        def on_step(message: HandStep) -> None:
            stamp = seconds_from_stamp(message.header.stamp)
            self._gate.offer(source, step_from_message(message), stamp, self._now())

        return on_step

    def _on_emergency_stop(self, message: Bool) -> None:
        self._gate.observe_emergency_stop(message.data, self._now())
        if message.data:
            self._decide()

    def _on_arm(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        refusal = self._gate.arm()
        response.success = refusal is None
        response.message = "armed" if refusal is None else f"refused: {refusal}"
        self.get_logger().info(f"arm: {response.message}")
        return response

    def _tick(self) -> None:
        now, period = time.monotonic(), self._settings.period
        if self._expected is not None:
            self._worst_lateness = max(self._worst_lateness, now - self._expected)
        self._expected = now + period
        self._decide()

    def _decide(self) -> None:
        verdict = self._gate.tick(self._now())
        self._send(verdict)
        decision = (verdict.state, verdict.cause, verdict.source, verdict.phase)
        is_new = decision != self._announced
        # What a recording learns of a demonstration is where the target went, step by step.
        has_moved = verdict.target is not None and (
            self._told_target is None or not np.array_equal(verdict.target, self._told_target)
        )
        stamp = self.get_clock().now().to_msg()
        if self._is_due("status", STATUS_PERIOD) or is_new or has_moved:
            self._told_target = verdict.target
            self._status.publish(status_message(verdict, self._gate, stamp))
        if is_new:
            self._log(verdict)
        self._announced = decision
        if self._is_due("diagnostics", DIAGNOSTICS_PERIOD):
            self._diagnose(verdict)

    def _send(self, verdict: ArmVerdict) -> None:
        if verdict.command is not None:
            stamp = self.get_clock().now().to_msg()
            self._command.publish(command_to_message(verdict.command, self._names, stamp))

    def _log(self, verdict: ArmVerdict) -> None:
        if verdict.cause.is_error:
            self.get_logger().error(f"the arm holds: {verdict.reason}", throttle_duration_sec=0.5)
        elif verdict.reason:
            self.get_logger().info(f"{verdict.phase.value}: {verdict.reason}", throttle_duration_sec=0.5)

    def _diagnose(self, verdict: ArmVerdict) -> None:
        level = DiagnosticStatus.ERROR if verdict.cause.is_error else DiagnosticStatus.OK
        message = verdict.reason or verdict.phase.value
        values: dict[str, object] = {
            f"{who}: {why.value}": n for (who, why), n in self._gate.rejections.items()
        }
        values["worst lateness [ms]"] = f"{1000 * self._worst_lateness:.1f}"
        values["cause"] = (verdict.cause if verdict.cause is not Cause.NONE else Cause.IDLE).value
        self._worst_lateness = 0.0
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(diagnostics("arm_gate: arm", level, message, values, stamp))

    def _is_due(self, what: str, period: float) -> bool:
        now = time.monotonic()
        if now < self._due[what]:
            return False
        self._due[what] = now + period
        return True


def _corner(values: tuple[float, ...]) -> tuple[float, float, float]:
    if len(values) != 3:
        raise CairnError(f"a corner of the workspace is x, y, z [m]; got {values}")
    return values[0], values[1], values[2]


def main() -> int:
    """Run the gate until a signal; returns the exit status."""
    return run_node(ArmGateNode)


if __name__ == "__main__":
    sys.exit(main())
