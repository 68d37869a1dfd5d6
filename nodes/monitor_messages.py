"""What the robot's messages say, as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import atan2, isfinite
from typing import Any

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import (
    ArmGateStatus,
    ArmOperatorInput,
    ArmState,
    EpisodeEvent,
    ExploreStatus,
    GateStatus,
    OperatorInput,
    RecorderStatus,
    TeleopStatus,
)
from cairn_interfaces.srv import LabelEpisode
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Point, TransformStamped, Twist
from visualization_msgs.msg import Marker, MarkerArray

from cairn.hardware.errors import CairnError
from cairn.hardware.mobile_base import Odometry
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.monitor.exchange import Exchange
from cairn.monitor.hands import Hands
from cairn.monitor.request_line import EpisodeRequest
from cairn.navigation.decision import Phase
from cairn.nodes.arm_teleop_messages import arm_input_to_message
from cairn.nodes.diagnostics import diagnostics
from cairn.nodes.graph_messages import DRIVEN, GOAL, PLACES, SEEN, TARGET

CONTROLLER = "web"
MOST_POINTS = 20_000
"""Of a marker: more than the explore node ever sends."""

_LISTS = (PLACES, DRIVEN, SEEN)
_FARTHEST = 1e6
_GATE_STATES = {
    GateStatus.STOPPED: "stopped",
    GateStatus.DRIVING: "driving",
    GateStatus.LATCHED: "latched",
}


def operator_message(hands: Hands, stamp: Time) -> OperatorInput:
    """The hands at the page, for the teleop node."""
    message = OperatorInput(
        controller=CONTROLLER,
        forward=float(hands.forward),
        turn=float(hands.turn),
        deadman=hands.deadman and hands.hand is None,
        turbo=hands.turbo,
        emergency_stop=hands.emergency_stop,
        lost=hands.lost,
    )
    message.header.stamp = stamp
    return message


def arm_operator_message(hands: Hands, stamp: Time) -> ArmOperatorInput:
    """The hands at the page, for the arm_teleop node; hands that drive a base hold no clutch."""
    motion = hands.hand
    wanted = ArmInput(
        linear=(0.0, 0.0, 0.0) if motion is None else motion.linear,
        angular=(0.0, 0.0, 0.0) if motion is None else motion.angular,
        opening=None if motion is None else motion.opening,
        deadman=hands.deadman and motion is not None,
        emergency_stop=hands.emergency_stop,
        lost=hands.lost,
    )
    return arm_input_to_message(wanted, CONTROLLER, stamp)


def label_request(request: EpisodeRequest) -> LabelEpisode.Request:
    """What a page says about an episode, for the recorder."""
    return LabelEpisode.Request(
        kind=getattr(EpisodeEvent, request.kind.upper()),
        task=request.task,
        note=request.note,
        operator_name=request.operator_name,
    )


def gate_panel(message: GateStatus) -> dict[str, Any]:
    """State, reason and commands of the gate."""
    return {
        "state": _GATE_STATES.get(message.state, "unknown"),
        "reason": message.reason,
        "source": message.source,
        "filter_active": message.filter_active,
        "requested": _twist(message.requested),
        "commanded": _twist(message.commanded),
        "rejected": message.rejected_stale
        + message.rejected_future
        + message.rejected_backward
        + message.rejected_non_finite,
        "foreign_publishers": message.foreign_publishers,
    }


def arm_gate_panel(message: ArmGateStatus) -> dict[str, Any]:
    """State and reason of the arm's gate, and where the hand is wanted [m]."""
    at = message.target.position
    return {
        "state": _GATE_STATES.get(message.state, "unknown"),
        "reason": message.reason,
        "source": message.source,
        "phase": message.phase,
        "filter_active": message.filter_active,
        "target": [_number(value) for value in (at.x, at.y, at.z)],
        "rejected": message.rejected_stale
        + message.rejected_future
        + message.rejected_backward
        + message.rejected_non_finite,
    }


def arm_panel(message: ArmState) -> dict[str, Any]:
    """The gripper as measured, and what the motors complain of."""
    return {
        "opening": _number(message.opening),
        "has_torque": message.has_torque,
        "faults": list(message.faults),
    }


def recorder_panel(message: RecorderStatus) -> dict[str, Any]:
    """What is kept and what was lost."""
    return {
        "recording": message.recording,
        "paused": message.paused,
        "bag": message.bag.rstrip("/").rpartition("/")[2],
        "episode": message.episode,
        "task": message.task,
        "kept": message.episodes_kept,
        "discarded": message.episodes_discarded,
        "bytes": message.bytes_written,
        "messages": message.messages_written,
        "lost": message.messages_lost,
        "disk_free_gb": _number(message.disk_free_gb),
    }


def teleop_panel(message: TeleopStatus) -> dict[str, Any]:
    """Whose hands drive."""
    return {
        "controller": message.controller,
        "present": message.present,
        "deadman": message.deadman,
        "turbo": message.turbo,
        "reason": message.reason,
        "twist": _twist(message.twist),
    }


def explore_panel(message: ExploreStatus) -> dict[str, Any]:
    """Where a search stands; what is unknown is None."""
    known = message.phase in list(Phase)
    return {
        "phase": Phase(message.phase).name.lower() if known else "unknown",
        "reason": message.reason,
        "nodes": message.nodes,
        "edges": message.edges,
        "node": message.node,
        "belief": _number(message.localisation_belief),
        "match": _number(message.match_probability),
        "steps": _number(message.predicted_steps),
        "distance": _number(message.distance_travelled),
        "time_left": _number(message.time_left),
    }


def pose_panel(odometry: Odometry) -> dict[str, Any]:
    """Pose in odom [m, rad] and speed [m/s, rad/s]."""
    return {
        "x": round(odometry.x, 3),
        "y": round(odometry.y, 3),
        "yaw": round(odometry.yaw, 4),
        "linear": round(odometry.linear, 3),
        "angular": round(odometry.angular, 3),
    }


def map_panel(transform: TransformStamped) -> dict[str, Any] | None:
    """`T_map_odom` as x, y [m] and yaw [rad]; None for another transform, or one that is not finite."""
    if transform.header.frame_id.lstrip("/") != "map" or transform.child_frame_id.lstrip("/") != "odom":
        return None
    moved, q = transform.transform.translation, transform.transform.rotation
    if not all(map(isfinite, (moved.x, moved.y, q.x, q.y, q.z, q.w))):
        return None
    yaw = atan2(2.0 * (q.w * q.z + q.x * q.y), 1.0 - 2.0 * (q.y * q.y + q.z * q.z))
    return {"x": moved.x, "y": moved.y, "yaw": yaw}


def graph_panel(message: MarkerArray) -> dict[str, list[int] | None]:
    """The graph memory in `map`, in whole centimetres: x, y of places and of the ends of lines, in a row.

    Raises CairnError for numbers that are not finite, or too many of them.
    """
    markers = {marker.ns: marker for marker in message.markers if marker.action == Marker.ADD}
    lists = {name: _centimetres(markers[name].points) if name in markers else [] for name in _LISTS}
    single = {
        name: _centimetres([markers[name].pose.position]) if name in markers else None
        for name in (GOAL, TARGET)
    }
    for name in (DRIVEN, SEEN):
        if len(lists[name]) % 4:
            raise CairnError(f"expected two points a line of {name!r}, got {len(lists[name]) // 2} in all")
    return {**lists, **single}


def _centimetres(points: Sequence[Point]) -> list[int]:
    if len(points) > MOST_POINTS:
        raise CairnError(f"expected at most {MOST_POINTS} points a marker, got {len(points)}")
    values = [value for point in points for value in (point.x, point.y)]
    # A NaN is not smaller either.
    if not all(abs(value) < _FARTHEST for value in values):
        raise CairnError(f"expected points within {_FARTHEST:g} m, got another or one that is not finite")
    return [round(100 * value) for value in values]


def diagnostics_message(
    name: str, exchange: Exchange, refused: Mapping[str, int], stamp: Time
) -> DiagnosticArray:
    """Who looks, who has control, and what was refused."""
    holder = exchange.desk.holder
    control = "read-only" if exchange.token is None else f"{holder.name if holder else 'nobody'} has control"
    values = {"pages": exchange.camera.watchers} | {f"refused: {why}": n for why, n in refused.items()}
    return diagnostics(f"{name}: page", DiagnosticStatus.OK, control, values, stamp)


def _twist(message: Twist) -> list[float | None]:
    return [_number(message.linear.x), _number(message.angular.z)]


def _number(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return round(value, 4) if isfinite(value) else None
