"""Build the graph memory while driving and say where in it the robot is."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.mobile_base import Odometry
from cairn.navigation.contacts import ContactMemory
from cairn.navigation.graph.belief import Belief
from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.localiser import Localiser
from cairn.navigation.graph.place_index import place_distance
from cairn.navigation.graph.pose_filter import OdometryNoise
from cairn.navigation.graph.spacing import NodeSpacing
from cairn.navigation.graph.view_likelihood import ViewLikelihood
from cairn.navigation.pose import Pose, between, wrap_angle
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_SHORTCUT = 3.0
# Measured on tuning worlds: wheels and gyro drift by a metre in a hundred, while relative positions from
# single views err by half the distance, and alike from view to view.  So odometry carries the map, and
# views correct it gently.
_ODOMETRY_NOISE = OdometryNoise(position_per_metre=5e-4, yaw_per_metre=2e-5, yaw_per_radian=1e-4)
_VIEW_LIKELIHOOD = ViewLikelihood(position_floor=1.5, position_share=0.5, yaw_deviation=0.4)
_THUMBNAIL_WIDTH = 96


@dataclass(frozen=True)
class Whereabouts:
    """The robot's place in the map after one step.

    Attributes:
        pose: of `base_link` in `map`.
        map_to_odom: `T_map_odom`.
        node: the likeliest node, -1 when lost.
        probability: of being about there.
        added: the node added at this step, or None.
    """

    pose: Pose
    map_to_odom: Pose
    node: int
    probability: float
    added: int | None

    @property
    def is_lost(self) -> bool:
        return self.node < 0


class Mapper:
    """Keeps graph and localisation together; one call a control step.

    While the way from the last known place is known (`is tracking`), views of new places become nodes.
    A robot that woke up somewhere in a loaded map adds nothing until it knows where it is.
    """

    def __init__(
        self, policy: LatentGoalPolicy, graph: GraphMemory | None = None, spacing: NodeSpacing | None = None
    ) -> None:
        self._policy = policy
        self._spacing = spacing or NodeSpacing()
        self.graph = graph if graph is not None else GraphMemory(policy.fingerprint, policy.rate)
        self.contacts = ContactMemory()
        self.start()

    def start(self, node: int | None = None) -> None:
        """A new run of odometry begins: at `node`, or anywhere when None (in an empty map: at its origin)."""
        self._localiser = Localiser(
            self.graph, self._policy, noise=_ODOMETRY_NOISE, likelihood=_VIEW_LIKELIHOOD
        )
        self._node: int | None = node
        self._node_stamp = 0.0
        self.tracking = node is not None or len(self.graph) == 0
        if node is not None:
            self._localiser.settle(node)

    def update(
        self, odometry: Odometry, embedding: Embedding, image: NDArray[np.uint8], stamp: float
    ) -> Whereabouts:
        """Localise with the newest view and remember it where it adds to the map."""
        belief = self._localiser.update(Pose(odometry.x, odometry.y, odometry.yaw), embedding)
        node, probability = belief.most_likely
        if not self.tracking and probability > 0.9:
            self.tracking, self._node = True, node
        pose, added = self._localiser.pose, None
        if self.tracking:
            if self._spacing.should_add(self.graph, pose):
                added = self._add(embedding, image, pose, stamp)
            else:
                self._pass_by(pose, stamp)
            self._close_loops(belief)
        lost = not self.tracking
        return Whereabouts(
            self._localiser.pose,
            self._localiser.map_to_odom,
            -1 if lost else (self._node if self._node is not None else -1),
            1.0 if added is not None else probability,
            added,
        )

    def touch(self, pose: Pose, forward: bool) -> None:
        """Something that no view showed was touched at `pose`: ways through it that were never driven go."""
        self.contacts.add(pose, forward)
        edges = self.graph.edges
        places = self.graph.poses[:, :2]
        blocked = self.contacts.block(places[edges.column("source")], places[edges.column("target")])
        blocked &= edges.column("kind") != EdgeKind.TRAVERSED
        if blocked.any():
            self.graph.replace_edges({name: column[~blocked] for name, column in edges.snapshot().items()})

    def _add(self, embedding: Embedding, image: NDArray[np.uint8], pose: Pose, stamp: float) -> int:
        thumbnail = cv2.resize(
            image, (_THUMBNAIL_WIDTH, round(image.shape[0] * _THUMBNAIL_WIDTH / image.shape[1])),
            interpolation=cv2.INTER_AREA,
        )  # fmt: skip
        _, jpeg = cv2.imencode(
            ".jpg", cv2.cvtColor(thumbnail, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80]
        )
        added = self.graph.add_node(
            embedding, pose, self._localiser.variance, stamp=stamp, thumbnail=jpeg.tobytes()
        )
        self._join(added, pose, stamp)
        self._localiser.settle(added)
        self._node, self._node_stamp = added, stamp
        return added

    def _pass_by(self, pose: Pose, stamp: float) -> None:
        """Move on to the nearest node when it has changed, with an edge for the stretch just driven."""
        near = self.graph.nodes_within(pose, 2.5)
        if len(near) == 0:
            return
        rows = np.searchsorted(self.graph.ids, near)
        away = place_distance(np.array(pose), self.graph.poses[rows])
        best = int(near[int(np.argmin(away))])
        if best == self._node:
            return
        previous = self._node
        self._node = best
        self.graph.record_visit(best, stamp)
        if previous is not None and previous in self.graph:
            self._edge(previous, best, EdgeKind.TRAVERSED, stamp - self._node_stamp)
        self._node_stamp = stamp

    def _join(self, added: int, pose: Pose, stamp: float) -> None:
        """Edges from the last node (driven) and to and from all that are near and in free sight."""
        if self._node is not None and self._node in self.graph:
            self._edge(self._node, added, EdgeKind.TRAVERSED, stamp - self._node_stamp)
            self._edge(added, self._node, EdgeKind.PREDICTED)
        for node in self.graph.nodes_within(pose, _SHORTCUT)[:12].tolist():
            if node not in (added, self._node) and self._may_join(added, node):
                self._edge(added, node, EdgeKind.PREDICTED)
                self._edge(node, added, EdgeKind.PREDICTED)

    def _may_join(self, a: int, b: int) -> bool:
        ends = [np.array([self.graph.pose(node)[:2]]) for node in (a, b)]
        return self._in_free_sight(a, b) and not self.contacts.block(*ends).any()

    def _in_free_sight(self, a: int, b: int) -> bool:
        """Whether one of two views shows free ground up to the other's place."""
        for source, target in ((a, b), (b, a)):
            node = self.graph.node(source)
            relative = node.pose.inverse @ self.graph.pose(target)
            if relative.distance < 0.8:
                return True
            half = np.radians(self._policy.horizontal_fov) / 2
            if abs(relative.bearing) < half * 0.95:
                ranges = node.embedding.ranges
                sector = int((half - relative.bearing) / (2 * half) * len(ranges))
                window = ranges[max(0, sector - 2) : sector + 3]
                if float(window.min()) > relative.distance + 0.5:
                    return True
        return False

    def _edge(self, source: int, target: int, kind: EdgeKind, seconds: float | None = None) -> None:
        if source == target:
            return
        relative = self.graph.pose(source).inverse @ self.graph.pose(target)
        turning = abs(relative.yaw) if relative.distance < 0.5 else abs(relative.bearing)
        steps = self._policy.rate * (relative.distance / 0.9 + turning / 1.0)
        self.graph.add_edge(source, target, steps, kind, relative)
        # Longer than that it did something else on the way, such as looking around.
        plausible = 2 + 2 * steps / self._policy.rate
        if kind is EdgeKind.TRAVERSED and seconds is not None and 0 < seconds < plausible:
            self.graph.record_traversal(source, target, seconds)

    def _close_loops(self, belief: Belief) -> None:
        """Join the present node with older ones that the policy recognises where odometry allows it."""
        if belief.comparison is None or self._node is None:
            return
        here = np.array(self.graph.pose(self._node))
        for node, match, distance in zip(
            belief.compared.tolist(), belief.comparison.match, belief.comparison.distance, strict=True
        ):
            if node == self._node or match < 0.9 or distance > _SHORTCUT or node not in self.graph:
                continue
            relative = between(here, np.array(self.graph.pose(node)))
            plausible = (
                hypot(relative[0], relative[1]) < _SHORTCUT + 1.0 and abs(wrap_angle(relative[2])) < 1.0
            )
            blocked = self.contacts.block(here[None, :2], np.array([self.graph.pose(node)[:2]])).any()
            if plausible and not blocked and self.graph.edge(self._node, node) is None:
                self._edge(self._node, node, EdgeKind.LOOP_CLOSURE)
                self._edge(node, self._node, EdgeKind.LOOP_CLOSURE)
