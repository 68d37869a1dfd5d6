"""Localisation as a discrete Bayes filter over nodes with a state *lost*."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.belief import Belief
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.place_index import place_distance
from cairn.navigation.graph.pose_filter import OdometryNoise, PoseFilter
from cairn.navigation.graph.view_likelihood import ViewLikelihood
from cairn.navigation.pose import Pose, between, compose
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy


@dataclass(frozen=True)
class LocaliserParameters:
    """What the filter assumes.

    Attributes:
        nearby, similar: nodes compared a step, by place around the likeliest poses and by descriptor.
        search_period: steps between searches of the whole map while confident; without confidence every
            step searches.
        arrival: probability that a lost robot is at one particular place compared.
        leak_per_metre, leak_per_step: share of belief that turns to *lost* (slip, being carried).
        independent_motion: metres (or as many radians times .5) after which a view is new evidence.
        standstill_evidence: weight of a view that shows nothing new.
        memory: independent views after which evidence has faded to 1/e.
        reach: metres from its node beyond which a hypothesis is off the map.
        confident: probability above which matches correct the pose.
    """

    nearby: int = 14
    similar: int = 12
    search_period: int = 4
    arrival: float = 0.01
    leak_per_metre: float = 0.005
    leak_per_step: float = 0.0005
    independent_motion: float = 0.6
    standstill_evidence: float = 0.03
    memory: float = 12.0
    reach: float = 5.0
    confident: float = 0.85


class Localiser:
    """Follows up to 64 hypotheses "about node n, at this offset from it" and the chance of being lost.

    Each step: odometry moves every hypothesis and hands it to the node it is now nearest to; at most
    `nearby + similar` <= 32 nodes are compared with the image; matches weigh hypotheses, weigh them against
    *lost*, and give birth to new ones where a place was recognised that nobody had claimed.  Evidence
    counts by how much is new in it, so a robot at a standstill does not change its mind.
    """

    _CAPACITY = 64

    def __init__(
        self,
        graph: GraphMemory,
        policy: LatentGoalPolicy,
        *,
        parameters: LocaliserParameters | None = None,
        likelihood: ViewLikelihood | None = None,
        noise: OdometryNoise | None = None,
    ) -> None:
        if policy.fingerprint != graph.fingerprint:
            raise CairnError(
                f"this map was made by encoder {graph.fingerprint[:12]}, the policy's is "
                f"{policy.fingerprint[:12]}: their embeddings can't be compared"
            )
        self._graph, self._policy = graph, policy
        self._parameters = parameters or LocaliserParameters()
        if self._parameters.nearby + self._parameters.similar > 32:
            raise CairnError(
                "at most 32 nodes are compared a step, got nearby + similar = "
                f"{self._parameters.nearby + self._parameters.similar}"
            )
        self._likelihood = likelihood or ViewLikelihood()
        self._filter = PoseFilter(noise)
        self._nodes = np.zeros(0, np.int64)
        self._offsets = np.zeros((0, 3))
        self._weights = np.zeros(0)
        self._lost = 1.0
        self._last_descriptor: NDArray[np.float32] | None = None
        self._cache: dict[int, Embedding] = {}
        self._doubts, self._since_search = True, 0
        self._anchored = False

    @property
    def pose(self) -> Pose:
        """Of `base_link` in `map`."""
        return self._filter.pose

    @property
    def variance(self) -> tuple[float, float]:
        """Drift of `pose` since the map's origin: position [m^2], yaw [rad^2]."""
        return self._filter.variance

    @property
    def map_to_odom(self) -> Pose:
        """`T_map_odom` (REP-105)."""
        return self._filter.map_to_odom

    def settle(self, node: int) -> None:
        """The robot stands where this node was just added, or is told that it is: believe it fully."""
        pose = self._graph.pose(node)
        self._nodes = np.array([node], np.int64)
        self._offsets = np.array([between(np.array(pose), np.array(self.pose))])
        if place_distance(np.array(pose), np.array(self.pose)) > 0.5:
            self._filter.reset(pose, self._graph.node(node).variance)
            self._offsets[:] = 0.0
        self._weights, self._lost = np.ones(1), 0.0
        self._anchored = True

    def follow(self, pose: Pose, variance: tuple[float, float]) -> None:
        """The map was optimised and moved the robot along: keep the belief, take the new pose."""
        self._filter.reset(pose, variance)
        self._anchored = True

    def forget(self) -> None:
        """Lost: any place is as likely as any other."""
        self._nodes, self._offsets, self._weights = self._nodes[:0], self._offsets[:0], self._weights[:0]
        self._lost = 1.0
        self._last_descriptor, self._doubts, self._anchored = None, True, False

    def update(self, odometry: Pose, embedding: Embedding) -> Belief:
        """One step with the newest odometry (pose in `odom`) and image."""
        motion = self._filter.predict(odometry)
        self._drop_removed()
        self._predict(motion)
        evidence = self._novelty(motion, embedding.descriptor)
        candidates = self._candidates(embedding.descriptor)
        comparison: Comparison | None = None
        if len(candidates):
            comparison = self._policy.compare(embedding, self._embeddings(candidates))
            self._measure(candidates, comparison, evidence)
        belief = self._belief(candidates, comparison)
        self._correct(belief, motion)
        return belief

    def _drop_removed(self) -> None:
        if len(self._nodes) == 0:
            return
        known = np.zeros(len(self._nodes), bool)
        if len(self._graph):
            rows = np.minimum(self._rows(self._nodes), len(self._graph) - 1)
            known = self._graph.ids[rows] == self._nodes
        if not known.all():
            self._lost += float(self._weights[~known].sum())
            self._keep(known)

    def _predict(self, motion: Pose) -> None:
        leak = self._parameters.leak_per_step + self._parameters.leak_per_metre * motion.distance
        self._lost += leak * float(self._weights.sum())
        self._weights = self._weights * (1.0 - leak)
        self._offsets = compose(self._offsets, np.array(motion, np.float64))
        if len(self._nodes):
            self._hand_over()

    def _hand_over(self) -> None:
        """Give each hypothesis to the node that it is nearest to, and unite those that became one."""
        poses = self._poses()
        nearest, distance = self._graph.nearest_places(poses, 1)
        own = place_distance(poses, self._graph.poses[self._rows(self._nodes)])
        # The margin keeps a robot half-way between two nodes from changing its node at every step.
        moved = distance[:, 0] < 0.8 * own - 0.05
        self._nodes = np.where(moved, nearest[:, 0], self._nodes)
        self._offsets = between(self._graph.poses[self._rows(self._nodes)], poses)
        self._unite(poses)

    def _unite(self, poses: NDArray[np.float64]) -> None:
        """One hypothesis a node and metre: lighter ones give their weight to the heaviest."""
        same = (self._nodes[:, None] == self._nodes) & (place_distance(poses[:, None], poses[None]) < 1.0)
        if same.sum() == len(same):
            return
        keep = np.ones(len(same), bool)
        for row in np.argsort(-self._weights, kind="stable"):
            if keep[row]:
                others = same[row] & keep
                others[row] = False
                self._weights[row] += self._weights[others].sum()
                keep[others] = False
        self._keep(keep)

    def _novelty(self, motion: Pose, descriptor: NDArray[np.float32]) -> float:
        """Share of this view that is new evidence, in [standstill_evidence, 1]."""
        if self._last_descriptor is None:
            self._last_descriptor = np.array(descriptor)
            return 1.0
        moved = (motion.distance + 0.5 * abs(motion.yaw)) / self._parameters.independent_motion
        # A view that differs from the last one without motion is news as well: the robot was carried away.
        changed = 1.0 - float(descriptor @ self._last_descriptor) - 0.1
        share = min(1.0, max(moved, changed, self._parameters.standstill_evidence))
        if share > 0.2:
            self._last_descriptor = np.array(descriptor)
        return share

    def _candidates(self, descriptor: NDArray[np.float32]) -> NDArray[np.int64]:
        similar = np.zeros(0, np.int64)
        self._since_search += 1
        if self._doubts or self._since_search >= self._parameters.search_period:
            similar, _ = self._graph.most_similar(descriptor, self._parameters.similar)
            self._since_search = 0
        near = np.zeros(0, np.int64)
        if len(self._nodes):
            top = np.argsort(-self._weights)[:3]
            found, _ = self._graph.nearest_places(self._poses()[top], self._parameters.nearby)
            # Rank by rank, so that each of the best hypotheses sees its nearest nodes compared.
            near = found.T.ravel()
            near = near[near >= 0]
            near = near[np.sort(np.unique(near, return_index=True)[1])][: self._parameters.nearby]
        both = np.concatenate((near, similar))
        return both[np.sort(np.unique(both, return_index=True)[1])]

    def _measure(self, candidates: NDArray[np.int64], comparison: Comparison, evidence: float) -> None:
        node_poses = self._graph.poses[self._rows(candidates)]
        seen_from = self._likelihood.robot_poses(node_poses, comparison)
        self._give_birth(candidates, node_poses, seen_from, comparison)
        poses = self._poses()
        log_ratio = self._likelihood.log_ratios(poses, node_poses, seen_from, comparison)
        # Errors of successive views are alike, and what looks alike is not in the model: old evidence fades
        # (exponential forgetting of log-odds), or two twin streets would be told apart by noise.
        old = 1.0 - evidence / self._parameters.memory
        weights = self._weights**old * np.exp(evidence * log_ratio)
        lost = self._lost**old
        total = float(weights.sum()) + lost
        self._weights, self._lost = weights / total, lost / total
        pull = self._likelihood.pull(poses, node_poses, seen_from, comparison)
        self._offsets = between(self._graph.poses[self._rows(self._nodes)], poses + 0.3 * evidence * pull)
        light = self._weights < 1e-5
        light[np.argsort(-self._weights)[self._CAPACITY :]] = True
        self._lost += float(self._weights[light].sum())
        self._keep(~light)

    def _give_birth(
        self,
        candidates: NDArray[np.int64],
        node_poses: NDArray[np.float64],
        seen_from: NDArray[np.float64],
        comparison: Comparison,
    ) -> None:
        """Move a little of *lost* to each recognised place that no hypothesis claims."""
        share = self._parameters.arrival * self._lost
        seen = np.flatnonzero(comparison.match > 0.4)
        claims = place_distance(seen_from[seen][:, None], self._poses()[None]) < 2.0
        free = seen[~claims.any(axis=1)]
        near = place_distance(seen_from[free][:, None], seen_from[free][None]) < 2.0
        first: list[int] = []
        for i in np.argsort(-comparison.match[free], kind="stable").tolist():
            if not near[i, first].any():
                first.append(i)
        born = free[first]
        self._nodes = np.concatenate((self._nodes, candidates[born]))
        self._offsets = np.concatenate((self._offsets, between(node_poses[born], seen_from[born])))
        self._weights = np.concatenate((self._weights, np.full(len(born), share)))
        self._lost -= share * len(born)

    def _belief(self, candidates: NDArray[np.int64], comparison: Comparison | None) -> Belief:
        poses = self._poses()
        on_map = np.ones(len(poses), bool)
        if len(poses):
            away = place_distance(poses, self._graph.poses[self._rows(self._nodes)])
            on_map = away < self._parameters.reach
        lost = self._lost + float(self._weights[~on_map].sum())
        arrays = (self._nodes[on_map], poses[on_map], self._weights[on_map])
        for array in arrays:
            array.setflags(write=False)
        return Belief(*arrays, lost, candidates, comparison)

    def _correct(self, belief: Belief, motion: Pose) -> None:
        """Let the likeliest hypothesis and the pose filter correct each other."""
        node, probability = belief.most_likely
        self._doubts = probability < self._parameters.confident
        if self._doubts:
            return
        main = int(np.argmax(self._weights * (self._nodes == node)))
        pose = self._poses()[main]
        # The pose of a robot that was lost means nothing in `map`, even where it happens to be near.
        if not self._anchored or place_distance(pose, np.array(self._filter.pose)) > 4.0:
            self._anchored = True
            position, yaw = self._graph.node(node).variance
            x, y, heading = pose.tolist()
            self._filter.reset(Pose(x, y, heading), (position + 1.0, yaw + 0.05))
        elif belief.comparison is not None and (motion.distance > 0.02 or abs(motion.yaw) > 0.02):
            self._fuse(belief.compared, belief.comparison, pose)
        self._offsets[main] = between(self._graph.poses[self._rows(self._nodes)][main], np.array(self.pose))

    def _fuse(self, compared: NDArray[np.int64], comparison: Comparison, pose: NDArray[np.float64]) -> None:
        rows = self._rows(compared)
        seen_from = self._likelihood.robot_poses(self._graph.poses[rows], comparison)
        # The oldest good match corrects most; one a step, because matches of one image share their errors.
        good = (comparison.match > 0.8) & (place_distance(seen_from, pose) < 4.0)
        if not good.any():
            return
        j = int(np.flatnonzero(good)[np.argmin(self._graph.variances[rows[good], 0])])
        x, y, yaw = seen_from[j].tolist()
        position, heading = self._graph.variances[rows[j]].tolist()
        self._filter.correct(
            Pose(x, y, yaw), self._likelihood.variance(float(comparison.distance[j])), (position, heading)
        )

    def _embeddings(self, candidates: NDArray[np.int64]) -> list[Embedding]:
        """Those of the last step are kept: most candidates return."""
        kept = self._cache
        nodes = candidates.tolist()
        self._cache = {n: kept[n] if n in kept else self._graph.embeddings([n])[0] for n in nodes}
        return list(self._cache.values())

    def _poses(self) -> NDArray[np.float64]:
        if len(self._nodes) == 0:
            return np.zeros((0, 3))
        return compose(self._graph.poses[self._rows(self._nodes)], self._offsets)

    def _rows(self, nodes: NDArray[np.int64]) -> NDArray[np.intp]:
        return np.searchsorted(self._graph.ids, nodes)

    def _keep(self, mask: NDArray[np.bool_]) -> None:
        self._nodes, self._offsets = self._nodes[mask], self._offsets[mask]
        self._weights = self._weights[mask]
