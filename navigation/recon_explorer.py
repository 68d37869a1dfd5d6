"""RECON's exploration loop as published, for comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.graph.planner import Planner
from cairn.navigation.known_goals import is_same_photo
from cairn.navigation.pose import Pose
from cairn.navigation.recovery import Recovery
from cairn.navigation.searcher import Observation, Searcher
from cairn.policies.embedding import Embedding
from cairn.policies.goal_recogniser import GoalRecogniser
from cairn.policies.latent_goal_policy import LatentGoalPolicy


@dataclass(frozen=True)
class ReconSettings:
    """Constants of the loop (Shah et al., CoRL 2021, algorithm 1 and supplement).

    Attributes:
        threshold: match probability below which a predicted distance means nothing.
        near, far: delta_1 and delta_2, control steps.
        horizon: H, control steps for which one latent goal is followed.
        declare: predicted steps to the goal at which it counts as reached.
    """

    threshold: float = 0.6
    near: float = 4.0
    far: float = 15.0
    horizon: int = 6
    declare: float = 2.5


class ReconExplorer(Searcher):
    """Feasible goal: go there.  Else: to the least-visited node in reach; at the frontier, sample the prior.

    No odometry, no headings, no verification: everything rests on the latent model's distances.
    """

    def __init__(self, policy: LatentGoalPolicy, settings: ReconSettings | None = None) -> None:
        self._policy = policy
        self._settings = settings or ReconSettings()
        self.graph = GraphMemory(policy.fingerprint, policy.rate)
        self._planner = Planner(self.graph)
        self._goal_node: int | None = None
        self._found: Embedding | None = None
        self._previous: int | None = None
        self._recognise: GoalRecogniser | None = None

    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        self._random = np.random.default_rng(seed)
        self._recovery = Recovery(self._policy.rate, seed)
        self._recognise = self._policy.recogniser(goal_image)
        self._previous = None
        self._latent: NDArray[np.float32] | None = None
        self._left = 0
        self._subgoal = -2
        # The node of another goal is no way to this one.
        self._returning = self._found is not None and is_same_photo(self._found, self._recognise.goal)
        self._twist = Twist()

    def node_stamps(self) -> dict[int, float]:
        return dict(zip(self.graph.ids.tolist(), self.graph.stamps.tolist(), strict=True))

    def step(self, observation: Observation) -> Decision:
        if self._recognise is None:
            raise RuntimeError("begin() gives the goal before the first step")
        here = self._policy.encode(observation.image)
        to_goal = self._recognise(observation.image, here)
        steps, match = float(to_goal.steps[0]), float(to_goal.match[0])
        feasible = match >= self._settings.threshold
        if feasible and steps <= self._settings.declare:
            self._goal_node, self._found = self._remember(here, observation), self._recognise.goal
            return Decision(Twist(), Phase.REACHED, "the predicted distance is small", steps, match, -1)
        if observation.collided and not self._recovery.is_active:
            self._recovery.begin(self._twist.linear >= 0)
        if self._recovery.is_active:
            self._left = 0
            self._twist = self._recovery.next()
            return Decision(self._twist, Phase.RECOVERING, "backing off after contact", steps, match)
        if feasible:
            self._latent, self._subgoal, self._left = to_goal.latent_mean[:1], -1, 0
            phase, reason = Phase.SEEKING, "the goal is feasible from here"
        else:
            if self._left <= 0:
                self._choose(here, observation)
            self._left -= 1
            phase = Phase.EXPLORING if self._subgoal < 0 else Phase.TRAVELLING
            reason = "a sample of the prior" if self._subgoal < 0 else "to a remembered view"
        assert self._latent is not None
        action = self._policy.decode(here, self._latent)
        self._twist = Twist(float(action.twist[0, 0]), float(action.twist[0, 1]))
        return Decision(
            self._twist, phase, reason, steps, match, self._subgoal,
            -1 if self._previous is None else self._previous,
            waypoints=action.waypoints[0], latent=self._latent[0], sector_ranges=here.ranges,
        )  # fmt: skip

    def _choose(self, here: Embedding, observation: Observation) -> None:
        """Remember this view and take the next latent goal."""
        self._left = self._settings.horizon
        ids, steps = self._reachable(here)
        node = self._remember(here, observation)
        if self._returning and self._goal_node is not None and len(ids):
            nearest = int(ids[np.argmin(steps)])
            route = self._planner.shortest_path(nearest, self._goal_node, observation.stamp)
            if route.is_reachable and len(route.nodes) > 1:
                # The farthest node of the route that is in reach keeps the robot from flip-flopping.
                ahead = [n for n in route.nodes if n in set(ids.tolist())]
                self._towards(here, ahead[-1] if ahead else route.nodes[0])
                return
        if len(ids):
            least = int(ids[np.argmin(self.graph.visits[np.searchsorted(self.graph.ids, ids)])])
            if float(steps[ids.tolist().index(least)]) >= self._settings.near:
                self.graph.record_visit(least, observation.stamp)
                self._towards(here, least)
                return
        self._subgoal = -2
        size = self._policy.latent_size
        self._latent = self._random.standard_normal((1, size)).astype(np.float32)
        self.graph.record_visit(node, observation.stamp)

    def _reachable(self, here: Embedding) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Nodes within delta_2, and the predicted steps to each."""
        ids, _ = self.graph.most_similar(here.descriptor, min(64, len(self.graph)))
        comparison = self._policy.compare(here, self.graph.embeddings(ids.tolist()))
        reach = (comparison.match >= 0.5) & (comparison.steps < self._settings.far)
        return ids[reach], comparison.steps[reach]

    def _towards(self, here: Embedding, node: int) -> None:
        self._latent = self._policy.compare(here, self.graph.embeddings([node])).latent_mean[:1]
        self._subgoal = node

    def _remember(self, here: Embedding, observation: Observation) -> int:
        odometry = observation.odometry
        ids, steps = self._reachable(here)
        node = self.graph.add_node(here, Pose(odometry.x, odometry.y, odometry.yaw), stamp=observation.stamp)
        for other, distance in zip(ids.tolist(), steps.tolist(), strict=True):
            self.graph.add_edge(node, other, distance)
            back = self._policy.compare(self.graph.embeddings([other])[0], [here])
            if float(back.match[0]) >= 0.5:
                self.graph.add_edge(other, node, float(back.steps[0]))
        if self._previous is not None and self._previous in self.graph:
            self.graph.add_edge(self._previous, node, float(self._settings.horizon), EdgeKind.TRAVERSED)
        self._previous = node
        return node
