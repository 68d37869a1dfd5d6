"""Teleoperation of an arm: from hands at a gamepad, a `joy` topic, a page or a script to the arm's gate."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import ArmCommand, ArmGateStatus, ArmOperatorInput, HandStep, TeleopStatus
from rclpy.qos import qos_profile_sensor_data

from cairn.hardware.teleop.arm_button import ArmButton
from cairn.hardware.teleop.arm_decision import ArmDecision
from cairn.hardware.teleop.arm_gamepad import ArmGamepad
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.hardware.teleop.arm_joy_gamepad import ArmJoyGamepad
from cairn.hardware.teleop.arm_pad_state import ArmPadState
from cairn.hardware.teleop.arm_teleoperation import ArmTeleoperation
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.emergency_button import EmergencyButton
from cairn.hardware.teleop.look import Look
from cairn.nodes.arm_messages import step_to_message
from cairn.nodes.arm_teleop_messages import arm_input_from_message, arm_teleop_status
from cairn.nodes.arm_teleop_settings import ArmTeleopSettings
from cairn.nodes.hands import HandsNode, HandsTopics
from cairn.nodes.lifetime import run_node

TOPICS = HandsTopics("arm_teleop/status", "arm_teleop/operator", ArmOperatorInput, "arm_gate/arm")


class ArmTeleopNode(HandsNode[ArmPadState, ArmTeleopSettings]):
    """Asks the arm's gate for steps on `arm_gate/teleop` while a clutch is held; see `HandsNode`.

    Without steps the gate holds the arm by itself.
    """

    def __init__(self) -> None:
        super().__init__("arm_teleop", ArmTeleopSettings, TOPICS, ArmInput())
        self._steps = self.create_publisher(HandStep, "arm_gate/teleop", 1)
        listen = self.create_subscription
        listen(ArmCommand, "arm/command", self._on_command, qos_profile_sensor_data)
        listen(ArmGateStatus, "arm_gate/status", self._on_gate_status, qos_profile_sensor_data)

    def _make_seat(
        self,
        settings: ArmTeleopSettings,
        controllers: Sequence[Controller[ArmPadState]],
        emergency: EmergencyButton,
        arm: ArmButton,
    ) -> ArmTeleoperation:
        self._teleoperation = ArmTeleoperation(controllers, settings.speeds, emergency=emergency, arm=arm)
        return self._teleoperation

    def _make_joy(self, settings: ArmTeleopSettings) -> ArmJoyGamepad:
        return ArmJoyGamepad(
            settings.joy_mapping,
            settings.curve,
            silence_limit=settings.silence_limit,
            timeout=settings.joy_timeout,
        )

    def _make_gamepad(self, settings: ArmTeleopSettings) -> ArmGamepad:
        return ArmGamepad(
            settings.gamepad,
            settings.gamepad_mapping,
            settings.curve,
            silence_limit=settings.silence_limit,
        )

    def _change(self, settings: ArmTeleopSettings) -> None:
        self._teleoperation.change_speeds(settings.speeds)

    def _hands(self, message: ArmOperatorInput) -> ArmInput:
        return arm_input_from_message(message)

    def _on_command(self, message: ArmCommand) -> None:
        self._teleoperation.observe_gripper(message.opening)

    def _on_gate_status(self, message: ArmGateStatus) -> None:
        self._note_gate(message.state == ArmGateStatus.DRIVING and message.source == "policy")

    def _drive(self, now: float) -> ArmDecision:
        decision = self._teleoperation.update(now)
        if decision.step is not None:
            self._steps.publish(step_to_message(decision.step, self._stamp_of(decision.stamp, now)))
        return decision

    def _status_message(self, look: Look, stamp: Time) -> TeleopStatus:
        assert isinstance(look, ArmDecision)
        return arm_teleop_status(look, stamp)

    def _let_go(self) -> None:
        """Nothing to say: without steps the gate holds the arm."""


def main() -> int:
    """Teleoperate until a signal; returns the exit status."""
    return run_node(ArmTeleopNode)


if __name__ == "__main__":
    sys.exit(main())
