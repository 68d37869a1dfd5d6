"""A search's decisions and its state as messages."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from cairn_interfaces.msg import ExploreStatus, PolicyDecision
from geometry_msgs.msg import TransformStamped, TwistStamped

from cairn.navigation.budget import BudgetKeeper
from cairn.navigation.decision import Decision
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.pose import Pose
from cairn.nodes.odometry_conversion import rotation_about_z
from cairn.nodes.twist_conversion import twist_to_message, twist_to_stamped_message


def command_message(decision: Decision, stamp: Time, base_frame: str) -> TwistStamped:
    """The candidate for the gate; `stamp` is that of the observation."""
    return twist_to_stamped_message(decision.twist, stamp, base_frame)


def map_transform(map_to_odom: Pose, stamp: Time) -> TransformStamped:
    """`T_map_odom` (REP-105): jumps when the robot corrects its idea of where it is."""
    transform = TransformStamped(child_frame_id="odom")
    transform.header.stamp, transform.header.frame_id = stamp, "map"
    transform.transform.translation.x = map_to_odom.x
    transform.transform.translation.y = map_to_odom.y
    transform.transform.rotation = rotation_about_z(map_to_odom.yaw)
    return transform


def decision_message(
    decision: Decision, stamp: Time, decided: Time, base_frame: str, bundle_sha256: str
) -> PolicyDecision:
    """Everything needed to judge a decision from a bag."""
    message = PolicyDecision(
        decided=decided,
        phase=int(decision.phase),
        subgoal_node=decision.subgoal_node,
        twist=twist_to_message(decision.twist),
        waypoints=decision.waypoints.ravel().tolist(),
        predicted_steps=float(decision.predicted_steps),
        match_probability=float(decision.match_probability),
        latent=decision.latent.tolist(),
        sector_ranges=decision.sector_ranges.tolist(),
        bundle_sha256=bundle_sha256,
    )
    message.header.stamp = stamp
    message.header.frame_id = base_frame
    return message


def status_message(
    decision: Decision, graph: GraphMemory | None, keeper: BudgetKeeper | None, stamp: Time
) -> ExploreStatus:
    """Where a search stands after a decision; `keeper` is None where none is under way."""
    message = ExploreStatus(
        phase=int(decision.phase),
        reason=decision.reason,
        predicted_steps=float(decision.predicted_steps),
        match_probability=float(decision.match_probability),
        nodes=0 if graph is None else len(graph),
        edges=0 if graph is None else len(graph.edges),
        node=decision.node,
        localisation_belief=float(decision.localisation_belief),
        distance_travelled=0.0 if keeper is None else keeper.distance,
        time_left=0.0 if keeper is None else keeper.time_left,
    )
    message.header.stamp = stamp
    message.header.frame_id = "map"
    return message
