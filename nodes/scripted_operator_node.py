"""A fake hand: plays a script through teleoperation and the recorder, as a person would."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cairn_interfaces.msg import (
    ArmGateStatus,
    ArmOperatorInput,
    GateStatus,
    OperatorInput,
    RecorderStatus,
    TeleopStatus,
)
from cairn_interfaces.msg import ArmState as ArmStateMessage
from nav_msgs.msg import Odometry
from rclpy.client import Client
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import qos_profile_sensor_data
from std_srvs.srv import Trigger

from cairn.hardware.gate.instant import Instant
from cairn.hardware.setting import check_settings, setting
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.hardware.teleop.operator_script import OperatorScript
from cairn.hardware.teleop.script_player import ScriptPlayer, Surroundings
from cairn.hardware.teleop.script_step import Arm, Label
from cairn.nodes.arm_teleop_messages import arm_input_to_message
from cairn.nodes.episode_client import EpisodeClient
from cairn.nodes.lifetime import run_node
from cairn.nodes.parameters import NodeParameters
from cairn.nodes.teleop_messages import hands_to_message

PERIOD = 0.05
FRESH = 1.0
"""Seconds after which a status says nothing any more."""


@dataclass(frozen=True)
class ScriptedOperatorSettings:
    """Which script.  Raises InvalidSetting."""

    script: str = setting("YAML file with the steps", fixed=True)

    def __post_init__(self) -> None:
        check_settings(self)


class ScriptedOperatorNode(Node):
    """Publishes what the script's hands do twenty times a real second, and ends the process with the script.

    Raises CairnError when the script is not as it must be or can't go on.
    """

    def __init__(self) -> None:
        super().__init__("scripted_operator")
        settings = NodeParameters(self, ScriptedOperatorSettings).value
        self._script = OperatorScript.read(Path(settings.script).expanduser())
        self._player = ScriptPlayer(self._script)
        self._answer: str | None = None
        self._teleop: tuple[TeleopStatus, float] | None = None
        self._gate: tuple[GateStatus | ArmGateStatus, float] | None = None
        self._recorder: tuple[RecorderStatus, float] | None = None
        self._odometry: float | None = None
        self._joints: float | None = None
        self._episodes = EpisodeClient(self)
        # With an arm, gate and teleop are the arm's.
        arm = self._script.drives_arm
        gate, teleop = ("arm_gate", "arm_teleop") if arm else ("gate", "teleop")
        self._arm: Client[Any, Any] = self.create_client(Trigger, f"{gate}/arm")
        self._input: Publisher[Any] = self.create_publisher(
            ArmOperatorInput if arm else OperatorInput, f"{teleop}/operator", 1
        )
        sensor_data = qos_profile_sensor_data
        listen = self.create_subscription
        listen(TeleopStatus, f"{teleop}/status", self._on_teleop, sensor_data)
        listen(ArmGateStatus if arm else GateStatus, f"{gate}/status", self._on_gate, sensor_data)
        listen(RecorderStatus, "recorder/status", self._on_recorder, sensor_data)
        listen(Odometry, "platform/odom/filtered", self._on_odometry, sensor_data)
        listen(ArmStateMessage, "arm/state", self._on_arm, sensor_data)
        # Real time, as liveness is real; the stamps and the script's durations are ROS time.
        self.create_timer(PERIOD, self._step, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self.get_logger().info(f"{len(self._script.steps)} steps as {self._script.controller!r}")

    def _on_teleop(self, message: TeleopStatus) -> None:
        self._teleop = (message, time.monotonic())

    def _on_gate(self, message: GateStatus | ArmGateStatus) -> None:
        self._gate = (message, time.monotonic())

    def _on_recorder(self, message: RecorderStatus) -> None:
        self._recorder = (message, time.monotonic())

    def _on_odometry(self, _: Odometry) -> None:
        self._odometry = time.monotonic()

    def _on_arm(self, _: ArmStateMessage) -> None:
        self._joints = time.monotonic()

    def _step(self) -> None:
        self._episodes.give_up_overdue()
        clock = self.get_clock().now()
        now = Instant(time.monotonic(), 1e-9 * clock.nanoseconds)
        moment = self._player.advance(now, self._surroundings(now.monotonic))
        name, stamp = self._script.controller, clock.to_msg()
        if isinstance(moment.hands, ArmInput):
            self._input.publish(arm_input_to_message(moment.hands, name, stamp))
        else:
            self._input.publish(hands_to_message(moment.hands, name, stamp))
        if isinstance(moment.ask, Label):
            self._say(moment.ask)
        elif isinstance(moment.ask, Arm):
            self._ask_to_arm()
        if moment.is_done:
            self.get_logger().info("the script is done")
            raise SystemExit(0)

    def _surroundings(self, now: float) -> Surroundings:
        teleop = self._teleop[0] if self._teleop and now - self._teleop[1] < FRESH else None
        gate = self._gate[0] if self._gate and now - self._gate[1] < FRESH else None
        recorder = self._recorder[0] if self._recorder and now - self._recorder[1] < 2 * FRESH else None
        ready = {
            "teleop": teleop is not None,
            "gate": gate is not None and gate.state != type(gate).LATCHED,
            "recorder": recorder is not None and recorder.recording and self._episodes.is_ready,
            "odometry": self._odometry is not None and now - self._odometry < FRESH,
            "arm": self._joints is not None and now - self._joints < FRESH,
        }
        return Surroundings(
            ready=frozenset(who for who, is_ready in ready.items() if is_ready),
            controls=teleop is not None and teleop.deadman and teleop.controller == self._script.controller,
            gate_follows=gate is None or (gate.state == type(gate).DRIVING and gate.source == "teleop"),
            teleop_reason="nothing is heard of it" if teleop is None else teleop.reason,
            gate_reason="" if gate is None else gate.reason,
            answer=self._answer,
        )

    def _say(self, label: Label) -> None:
        def answered(success: bool, message: str, _: str) -> None:
            self._answer = "" if success else message

        self._answer = None
        self._episodes.say(
            label.action,
            episode=label.episode,
            task=label.task,
            operator=label.operator,
            note=label.note,
            answered=answered,
        )

    def _ask_to_arm(self) -> None:
        self._answer = None
        if not self._arm.service_is_ready():
            self._answer = f"nobody serves {self._arm.service_name}"
            return

        def answered(response: Trigger.Response) -> None:
            self._answer = "" if response.success else response.message

        self._arm.call_async(Trigger.Request()).add_done_callback(lambda future: answered(future.result()))


def main() -> int:
    """Play the script; returns the exit status: 0 when it is done, 2 when it can't go on."""
    return run_node(ScriptedOperatorNode)


if __name__ == "__main__":
    sys.exit(main())
