"""Conversions between teleoperation and its messages."""

from __future__ import annotations

from collections.abc import Sequence

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import OperatorInput, TeleopStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus

from cairn.hardware.gamepad import State
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.decision import TeleopDecision
from cairn.hardware.teleop.hands import Hands
from cairn.hardware.teleop.look import Look
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.twist_conversion import twist_to_message


def hands_from_message(message: OperatorInput) -> Hands:
    """What an operator's page or script says.  Raises CairnError for shares that are none."""
    return Hands(
        message.forward,
        message.turn,
        message.deadman,
        message.turbo,
        message.emergency_stop,
        lost=message.lost,
    )


def hands_to_message(hands: Hands, controller: str, stamp: Time) -> OperatorInput:
    """As cairn_interfaces/OperatorInput, which has no room for arm and actions."""
    message = OperatorInput(
        controller=controller,
        forward=hands.forward,
        turn=hands.turn,
        deadman=hands.deadman,
        turbo=hands.turbo,
        emergency_stop=hands.emergency_stop,
        lost=hands.lost,
    )
    message.header.stamp = stamp
    return message


def status_message(decision: TeleopDecision, stamp: Time) -> TeleopStatus:
    """As cairn_interfaces/TeleopStatus."""
    status = TeleopStatus(
        controller=decision.controller,
        present=decision.present,
        deadman=decision.deadman,
        turbo=decision.turbo,
        reason=decision.reason,
        twist=twist_to_message(decision.twist),
    )
    status.header.stamp = stamp
    return status


def diagnostics_message(
    name: str, look: Look, controllers: Sequence[Controller[State]], worst_lateness: float, stamp: Time
) -> DiagnosticArray:
    """WARN where no hand is there or the one that drove was lost.

    Args:
        name: of the node.
        look: the last one.
        controllers: all that may drive.
        worst_lateness: of a look since the last diagnostics [s].
        stamp: for the header.
    """
    level = DiagnosticStatus.OK if look.present else DiagnosticStatus.WARN
    message = f"{look.controller} drives" if look.deadman else look.reason
    values = {one.name: one.absence or "there" for one in controllers}
    values["worst lateness [ms]"] = f"{1000 * worst_lateness:.1f}"
    return diagnostics(f"{name}: hands", level, message, values, stamp)
