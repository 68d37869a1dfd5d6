"""A world without pixels for tests of memory and localisation.

A view is the pose it was taken from, folded so that two streets look alike, plus noise.  The policy below
knows views only: it errs in match, distance and bearing, and now and then recognises what it never saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, hypot, pi, sin

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from cairn.navigation.graph import EdgeKind, GraphMemory
from cairn.navigation.graph.spacing import NodeSpacing
from cairn.navigation.pose import Pose, between
from cairn.policies.action import Action
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

RATE = 4.0
TWIN = 50.0
"""Streets this far apart in x, at y < 10 m, look the same to the metre."""


class SyntheticPolicy(LatentGoalPolicy):
    """Compares views by where they seem to be; `spurious` of its comparisons are confident nonsense."""

    rate = RATE
    latent_size = 2
    horizontal_fov = 120.0
    fingerprint = "synthetic-encoder"

    def __init__(self, spurious: float = 0.02) -> None:
        self._spurious = spurious
        rng = np.random.default_rng(7)
        self._frequencies = rng.normal(0, 1, (64, 4)) * (0.25, 0.25, 1.2, 1.2)
        self.compared = 0

    def encode(self, image: NDArray[np.uint8]) -> Embedding:
        x, y, yaw = np.frombuffer(image.tobytes(), np.float64)
        phase = self._frequencies @ (x, y, cos(yaw), sin(yaw))
        descriptor = np.concatenate((np.cos(phase), np.sin(phase))) / 8.0
        tokens = np.zeros((20, 64), np.float16)
        tokens[0, :3] = (x, y, yaw)
        return Embedding(descriptor.astype(np.float32), tokens, np.full(24, 4.0, np.float32))

    def compare(self, observation: Embedding, goals: Sequence[Embedding]) -> Comparison:
        n = len(goals)
        self.compared = n
        here = observation.tokens[0, :3].astype(np.float64)
        there = np.array([goal.tokens[0, :3] for goal in goals], np.float64).reshape(n, 3)
        relative = between(here[None], there)
        distance = np.hypot(relative[:, 0], relative[:, 1])
        views = np.concatenate((here[None], there))
        rng = np.random.default_rng(np.abs(views * 1e3).astype(np.int64).ravel())
        logit = 3.5 - (distance / 3.0) ** 2 - (relative[:, 2] / 0.55) ** 2 + rng.normal(0, 1.0, n)
        seen = np.where(rng.random(n) < self._spurious, 2.0, logit)
        known = logit > -1
        bearing = np.where(known, np.arctan2(relative[:, 1], relative[:, 0]), rng.uniform(-1, 1, n))
        yaw = np.where(known, relative[:, 2], rng.uniform(-0.7, 0.7, n)) + rng.normal(0, 0.15, n)
        far = np.where(known, distance, rng.uniform(0, 6, n))
        far = np.maximum(far * rng.normal(1, 0.3, n) + rng.normal(0, 0.4, n), 0)
        match = expit(seen)
        zero = np.zeros((n, 2), np.float32)
        arrays = (4 * far + 4 * np.abs(yaw) + 40 * (1 - match), match, bearing, yaw, far)
        return Comparison(*(a.astype(np.float32) for a in arrays), zero, zero)

    def decode(self, observation: Embedding, latents: NDArray[np.float32]) -> Action:
        n = len(latents)
        return Action(np.zeros((n, 2), np.float32), np.zeros((n, 5, 2), np.float32), np.ones(n, np.float32))


@dataclass
class Camera:
    """Takes the picture at a true pose, with noise of its own."""

    seed: int = 0
    noise: float = 0.15
    _rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def image(self, pose: Pose) -> NDArray[np.uint8]:
        x = pose.x - TWIN if pose.y < 10 and pose.x >= TWIN else pose.x
        view = np.array((x, pose.y, pose.yaw)) + self._rng.normal(0, self.noise, 3) * (1, 1, 0.3)
        return np.frombuffer(view.tobytes(), np.uint8).reshape(1, 8, 3)


def drive(corners: Sequence[tuple[float, float]], speed: float = 1.0, turn: float = 1.0) -> list[Pose]:
    """True poses at 4 Hz along straight lines with turns on the spot."""
    (x, y), *rest = corners
    yaw: float | None = None
    poses: list[Pose] = []
    for cx, cy in rest:
        heading = float(np.arctan2(cy - y, cx - x))
        if yaw is not None:
            change = (heading - yaw + pi) % (2 * pi) - pi
            steps = max(1, round(abs(change) / turn * RATE))
            poses += [Pose(x, y, yaw + change * (i + 1) / steps) for i in range(steps)]
        yaw = heading
        length = hypot(cx - x, cy - y)
        steps = max(1, round(length / speed * RATE))
        poses += [
            Pose(x + (cx - x) * (i + 1) / steps, y + (cy - y) * (i + 1) / steps, yaw) for i in range(steps)
        ]
        x, y = cx, cy
    return [Pose(p.x, p.y, (p.yaw + pi) % (2 * pi) - pi) for p in poses]


def odometry(
    true: Sequence[Pose], seed: int = 0, scale: float = 1.02, yaw_drift: float = 0.003
) -> list[Pose]:
    """What wheels make of true poses, from (0, 0, 0): scale error, a constant turn a metre [rad], noise."""
    rng = np.random.default_rng(seed)
    pose, out = Pose(), [Pose()]
    for before, after in pairwise(true):
        step = before.inverse @ after
        driven = step.distance
        pose = pose @ Pose(
            step.x * scale + rng.normal(0, 0.02) * driven,
            step.y * scale,
            step.yaw * (1 + rng.normal(0, 0.03)) + yaw_drift * driven,
        )
        out.append(pose)
    return out


def mapped(route: Sequence[Pose], policy: SyntheticPolicy, seed: int = 1) -> GraphMemory:
    """A memory made by one drive with true poses: spaced nodes, the driven edges and none else."""
    graph, spacing, camera = GraphMemory(policy.fingerprint), NodeSpacing(), Camera(seed)
    last: int | None = None
    for i, pose in enumerate(route):
        if not spacing.should_add(graph, pose):
            continue
        node = graph.add_node(policy.encode(camera.image(pose)), pose, stamp=i / RATE)
        if last is not None:
            relative = graph.pose(last).inverse @ pose
            graph.add_edge(last, node, 8, EdgeKind.TRAVERSED, relative, (0.01, 0.001))
        last = node
    return graph
