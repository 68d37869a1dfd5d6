"""Recognising that two remembered ways meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.pose_filter import GATE
from cairn.navigation.graph.view_likelihood import ViewLikelihood
from cairn.navigation.pose import Pose, between
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy


@dataclass(frozen=True)
class LoopClosure:
    """A node recognised from another place.

    Attributes:
        node: id.
        steps: predicted temporal distance to it in control steps.
        match: the policy's probability.
        relative_pose: of the node in the frame of the observer, as the policy measured it.
        variance: of that pose: position [m^2], yaw [rad^2].
    """

    node: int
    steps: float
    match: float
    relative_pose: Pose
    variance: tuple[float, float]


class LoopClosureDetector:
    """Compares with nodes where odometry allows a meeting, and believes what odometry does not refute.

    By vision alone a fifth of the closures are false; a gate of the odometry's own uncertainty leaves about
    one in a hundred.

    Args:
        minimum_match: the policy's probability below which nothing is closed.
        reach: metres that the recogniser sees beyond the uncertainty of the poses.
        compared: nodes compared at most, <= 32.
    """

    def __init__(
        self,
        policy: LatentGoalPolicy,
        *,
        likelihood: ViewLikelihood | None = None,
        minimum_match: float = 0.9,
        reach: float = 5.0,
        compared: int = 16,
    ) -> None:
        self._policy = policy
        self._likelihood = likelihood or ViewLikelihood()
        self._minimum_match, self._reach, self._compared = minimum_match, reach, compared

    def candidates(
        self, graph: GraphMemory, pose: Pose, variance: tuple[float, float], embedding: Embedding
    ) -> list[LoopClosure]:
        """Closures of an observation at `pose` with drift `variance`, the surest first.

        Nodes of the observer's own recent way are candidates as well: whoever adds edges skips those that
        already have one (see `close`).
        """
        radius = self._reach + 2.0 * variance[0] ** 0.5
        near = graph.nodes_within(pose, radius)
        if len(near) > self._compared:
            scores = np.array([e.descriptor @ embedding.descriptor for e in graph.embeddings(near.tolist())])
            near = near[np.sort(np.argsort(-scores, kind="stable")[: self._compared])]
        if len(near) == 0:
            return []
        comparison = self._policy.compare(embedding, graph.embeddings(near.tolist()))
        rows = np.searchsorted(graph.ids, near)
        expected = between(np.array(pose, np.float64), graph.poses[rows])
        found = []
        for i in np.argsort(-comparison.match, kind="stable").tolist():
            if comparison.match[i] < self._minimum_match:
                break
            distance, bearing = float(comparison.distance[i]), float(comparison.bearing[i])
            seen = Pose(distance * np.cos(bearing), distance * np.sin(bearing), float(comparison.yaw[i]))
            measured = self._likelihood.variance(distance)
            # Two nodes of one chain share their past: only the drift between them separates them.
            drift = np.abs(np.array(variance) - graph.variances[rows[i]])
            dx, dy, dyaw = between(np.array(seen, np.float64), expected[i]).tolist()
            position, yaw = (np.array(measured) + drift).tolist()
            if (dx * dx + dy * dy) / position + dyaw * dyaw / yaw <= GATE:
                match = float(comparison.match[i])
                found.append(LoopClosure(int(near[i]), float(comparison.steps[i]), match, seen, measured))
        return found

    def close(self, graph: GraphMemory, node: int, limit: int = 2) -> list[LoopClosure]:
        """Add edges, both ways, from `node` to at most `limit` places it was not joined to yet."""
        here = graph.node(node)
        added: list[LoopClosure] = []
        for closure in self.candidates(graph, here.pose, here.variance, here.embedding):
            if len(added) == limit:
                break
            if closure.node == node or self._are_joined(graph, node, closure.node):
                continue
            there, back = closure.relative_pose, closure.relative_pose.inverse
            kind = EdgeKind.LOOP_CLOSURE
            graph.add_edge(node, closure.node, closure.steps, kind, there, closure.variance)
            graph.add_edge(closure.node, node, closure.steps, kind, back, closure.variance)
            added.append(closure)
        return added

    def _are_joined(self, graph: GraphMemory, a: int, b: int) -> bool:
        """True when an edge joins them or one node lies between: nothing would be learned."""
        source, target = graph.edges.column("source"), graph.edges.column("target")
        near_a, near_b = (
            set(target[source == row].tolist()) | set(source[target == row].tolist()) | {row}
            for row in (graph.row(a), graph.row(b))
        )
        return bool(near_a & near_b)
