"""Conversions between teleoperation of an arm and its messages."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import ArmOperatorInput, TeleopStatus

from cairn.hardware.teleop.arm_decision import ArmDecision
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.nodes.arm_messages import vector_message

AS_TOLD = -1.0
"""Opening of a message that leaves the gripper as it was told."""


def arm_input_from_message(message: ArmOperatorInput) -> ArmInput:
    """What an operator's page or script says.

    Raises CairnError for shares that are none, or an opening that is not finite or above 1.
    """
    # A NaN is not smaller either, and is refused as it should be.
    opening = None if message.opening < 0.0 else message.opening
    linear, angular = message.linear, message.angular
    return ArmInput(
        (linear.x, linear.y, linear.z),
        (angular.x, angular.y, angular.z),
        opening,
        deadman=message.clutch,
        emergency_stop=message.emergency_stop,
        lost=message.lost,
    )


def arm_input_to_message(hands: ArmInput, controller: str, stamp: Time) -> ArmOperatorInput:
    """As cairn_interfaces/ArmOperatorInput, which has no room for arm, toggle and actions."""
    message = ArmOperatorInput(
        controller=controller,
        linear=vector_message(hands.linear),
        angular=vector_message(hands.angular),
        opening=AS_TOLD if hands.opening is None else hands.opening,
        clutch=hands.deadman,
        emergency_stop=hands.emergency_stop,
        lost=hands.lost,
    )
    message.header.stamp = stamp
    return message


def arm_teleop_status(decision: ArmDecision, stamp: Time) -> TeleopStatus:
    """As cairn_interfaces/TeleopStatus; its twist is the wanted speed of the hand."""
    status = TeleopStatus(
        controller=decision.controller,
        present=decision.present,
        deadman=decision.deadman,
        reason=decision.reason,
    )
    status.twist.linear = vector_message(decision.speed[:3])
    status.twist.angular = vector_message(decision.speed[3:])
    status.header.stamp = stamp
    return status
