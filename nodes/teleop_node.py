"""Teleoperation of a base: from hands at a gamepad, a `joy` topic, a page or a script to the gate."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import GateStatus, OperatorInput, TeleopStatus
from geometry_msgs.msg import TwistStamped
from rclpy.duration import Duration
from rclpy.qos import qos_profile_sensor_data
from std_msgs.msg import Bool

from cairn.hardware.evdev_gamepad import EvdevGamepad
from cairn.hardware.gamepad import GamepadState
from cairn.hardware.teleop.arm_button import ArmButton
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.decision import TeleopDecision
from cairn.hardware.teleop.emergency_button import EmergencyButton
from cairn.hardware.teleop.hands import OFF, Hands
from cairn.hardware.teleop.joy_gamepad import JoyGamepad
from cairn.hardware.teleop.look import Look
from cairn.hardware.teleop.teleoperation import Teleoperation
from cairn.hardware.twist import Twist
from cairn.nodes.hands import HandsNode, HandsTopics
from cairn.nodes.lifetime import run_node
from cairn.nodes.teleop_messages import hands_from_message, status_message
from cairn.nodes.teleop_settings import TeleopSettings
from cairn.nodes.twist_conversion import twist_to_stamped_message

TOPICS = HandsTopics("teleop/status", "teleop/operator", OperatorInput, "gate/arm")


class TeleopNode(HandsNode[GamepadState, TeleopSettings]):
    """Tells the gate what hands want on `gate/teleop`, `deadman` and `deadman_lost`; see `HandsNode`."""

    def __init__(self) -> None:
        super().__init__("teleop", TeleopSettings, TOPICS, OFF)
        self._twist = self.create_publisher(TwistStamped, "gate/teleop", 1)
        self._deadman = self.create_publisher(Bool, "gate/deadman", 1)
        self._deadman_lost = self.create_publisher(Bool, "gate/deadman_lost", 1)
        self.create_subscription(GateStatus, "gate/status", self._on_gate_status, qos_profile_sensor_data)

    def _make_seat(
        self,
        settings: TeleopSettings,
        controllers: Sequence[Controller[GamepadState]],
        emergency: EmergencyButton,
        arm: ArmButton,
    ) -> Teleoperation:
        self._teleoperation = Teleoperation(
            controllers,
            settings.speeds,
            takeover=settings.takeover,
            is_steady=settings.idle == "zero",
            emergency=emergency,
            arm=arm,
        )
        return self._teleoperation

    def _make_joy(self, settings: TeleopSettings) -> JoyGamepad:
        return JoyGamepad(
            settings.joy_mapping,
            settings.curve,
            silence_limit=settings.silence_limit,
            timeout=settings.joy_timeout,
        )

    def _make_gamepad(self, settings: TeleopSettings) -> EvdevGamepad:
        return EvdevGamepad(
            settings.gamepad,
            settings.gamepad_mapping,
            settings.curve,
            silence_limit=settings.silence_limit,
        )

    def _change(self, settings: TeleopSettings) -> None:
        self._teleoperation.change_speeds(settings.speeds)

    def _hands(self, message: OperatorInput) -> Hands:
        return hands_from_message(message)

    def _on_gate_status(self, message: GateStatus) -> None:
        self._note_gate(message.state == GateStatus.DRIVING and message.source == "policy")

    def _drive(self, now: float) -> TeleopDecision:
        decision = self._teleoperation.update(now)
        if decision.lost:
            # Not a word of the switch meanwhile: that it is released would give the robot to the policy.
            self._deadman_lost.publish(Bool(data=True))
        else:
            self._deadman.publish(Bool(data=decision.deadman))
        if decision.drives:
            self._publish_twist(decision.twist, decision.stamp, now)
        return decision

    def _status_message(self, look: Look, stamp: Time) -> TeleopStatus:
        assert isinstance(look, TeleopDecision)
        return status_message(look, stamp)

    def _let_go(self) -> None:
        # A hand that still holds has not let go: the policy is not to drive on.
        is_held = self._look_before.deadman
        last = self._deadman_lost if is_held else self._deadman
        last.publish(Bool(data=is_held))
        self._publish_twist(Twist(), time.monotonic(), time.monotonic())
        last.wait_for_all_acked(Duration(seconds=0.2))

    def _publish_twist(self, twist: Twist, alive: float, now: float) -> None:
        """`alive`: of the hand's last sign of life [monotonic s]."""
        stamp = self._stamp_of(alive, now)
        self._twist.publish(twist_to_stamped_message(twist, stamp, self._declared.value.base_frame))


def main() -> int:
    """Teleoperate until a signal; returns the exit status."""
    return run_node(TeleopNode)


if __name__ == "__main__":
    sys.exit(main())
