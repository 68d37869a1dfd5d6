"""The gate's types as messages."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import GateStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from nav_msgs.msg import Odometry

from cairn.hardware.gate.command_gate import CommandGate
from cairn.hardware.gate.fault import Fault
from cairn.hardware.gate.rejection import Rejection
from cairn.hardware.gate.verdict import GateState, Verdict
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.twist_conversion import twist_from_message, twist_to_message


def is_odometry_finite(message: Odometry) -> bool:
    """Whether pose and twist are numbers; covariances may be anything."""
    position, orientation = message.pose.pose.position, message.pose.pose.orientation
    return twist_from_message(message.twist.twist).is_finite and all(
        map(
            isfinite,
            (
                position.x,
                position.y,
                position.z,
                orientation.x,
                orientation.y,
                orientation.z,
                orientation.w,
            ),
        )
    )


def status_message(verdict: Verdict, gate: CommandGate, stamp: Time) -> GateStatus:
    """The gate's decision as cairn_interfaces/GateStatus."""
    status = GateStatus(
        state=int(verdict.state),
        reason=verdict.reason,
        source=verdict.source,
        filter_active=verdict.is_limited,
        requested=twist_to_message(verdict.requested),
        commanded=twist_to_message(verdict.commanded),
        rejected_stale=gate.rejected(Rejection.STALE),
        rejected_future=gate.rejected(Rejection.FUTURE),
        rejected_backward=gate.rejected(Rejection.BACKWARD),
        rejected_non_finite=gate.rejected(Rejection.NON_FINITE),
        foreign_publishers=gate.foreign_publishers,
    )
    status.header.stamp = stamp
    return status


def diagnostics_message(
    verdict: Verdict, faults: Iterable[Fault], gate: CommandGate, tick_lateness: float, stamp: Time
) -> DiagnosticArray:
    """The gate's health: ERROR when something is broken, WARN when a driving source has gone.

    Args:
        verdict: the last tick.
        faults: all that is wrong now.
        gate: for its counters.
        tick_lateness: the worst since the last diagnostics [s].
        stamp: for the header.
    """
    faults = list(faults)
    values = {"state": verdict.state.name.lower(), "source": verdict.source}
    values |= {f"fault: {fault.cause.value}": fault.reason for fault in faults}
    values |= {f"rejected from {name}: {why.value}": str(n) for (name, why), n in gate.rejections.items()}
    values["foreign publishers"] = str(gate.foreign_publishers)
    values["worst tick lateness [ms]"] = f"{1000 * tick_lateness:.1f}"
    level, message = diagnostic_level(verdict, faults), verdict.reason or f"{verdict.source} drives"
    return diagnostics("command_gate: motion", level, message, values, stamp)


def diagnostic_level(verdict: Verdict, faults: Iterable[Fault]) -> bytes:
    """The level of diagnostic_msgs/DiagnosticStatus."""
    if verdict.cause.is_error or any(fault.cause.is_error for fault in faults):
        return bytes(DiagnosticStatus.ERROR)
    if verdict.state is GateState.DRIVING or verdict.cause.is_waiting:
        return bytes(DiagnosticStatus.OK)
    return bytes(DiagnosticStatus.WARN)
