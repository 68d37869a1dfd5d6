"""A flat world of walls with a robot that drives exactly as told, and a policy that knows both.

A picture is the pose it was taken from, so that a whole search takes a second or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.mobile_base import Odometry
from cairn.hardware.twist import Twist
from cairn.navigation.decision import Decision, Phase
from cairn.navigation.pose import Pose, wrap_angle
from cairn.navigation.searcher import Observation, Searcher
from cairn.policies.action import Action
from cairn.policies.comparison import Comparison
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

RATE = 4.0
SECTORS = 24
HULL = 0.3


def box(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float, float]]:
    """Four walls."""
    return [(x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0)]


# 24 x 10 m, split by a wall with a gap of 3 m at the north end.
TWO_ROOMS = [*box(0, 0, 24, 10), (12, 0, 12, 7)]


class FlatWorld:
    """Walls as segments (x0, y0, x1, y1), shape (W, 4), and where the robot is."""

    def __init__(self, walls: Sequence[tuple[float, float, float, float]], start: Pose) -> None:
        self._walls = np.array(walls, float).reshape(-1, 4)
        self.time = 0.0
        self.collisions = 0
        self.carry(start)

    def carry(self, pose: Pose) -> None:
        """Put the robot somewhere; its odometry starts afresh."""
        self.pose = self._origin = pose
        self.driven = 0.0
        self._touching = False

    def ranges(self, pose: Pose, bearings: NDArray[np.float64], limit: float = 10.0) -> NDArray[np.float32]:
        """Metres to the nearest wall along each bearing."""
        angles = pose.yaw + bearings
        ray = np.stack([np.cos(angles), np.sin(angles)], -1)[:, None]
        start, way = (
            self._walls[None, :, :2] - (pose.x, pose.y),
            self._walls[None, :, 2:] - self._walls[:, :2],
        )
        cross = ray[..., 0] * way[..., 1] - ray[..., 1] * way[..., 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            along = (start[..., 0] * way[..., 1] - start[..., 1] * way[..., 0]) / cross
            across = (start[..., 0] * ray[..., 1] - start[..., 1] * ray[..., 0]) / cross
        hit = (along > 0) & (across >= 0) & (across <= 1)
        return np.where(hit, along, limit).min(1).clip(max=limit).astype(np.float32)

    def sees(self, a: Pose, b: Pose) -> bool:
        there = a.inverse @ b
        return float(self.ranges(a, np.array([there.bearing]), 100.0)[0]) > there.distance

    def step(self, twist: Twist) -> None:
        """A quarter of a second; the robot stops at a wall."""
        self.time += 1 / RATE
        self._touching = False
        for _ in range(5):
            ahead = self.pose @ Pose(twist.linear / RATE / 5, 0.0, twist.angular / RATE / 5)
            around = np.arange(24) * (pi / 12)
            if float(self.ranges(ahead, around).min()) < HULL and twist.linear:
                self._touching = True
                ahead = Pose(self.pose.x, self.pose.y, ahead.yaw)
            self.driven += hypot(ahead.x - self.pose.x, ahead.y - self.pose.y)
            self.pose = ahead
        self.collisions += self._touching

    def observe(self) -> Observation:
        x, y, yaw = self._origin.inverse @ self.pose
        return Observation(
            picture(self.pose), Odometry(self.time, x, y, yaw, 0.0, 0.0), self.time, self._touching
        )


def picture(pose: Pose) -> NDArray[np.uint8]:
    return np.frombuffer(np.array(pose, float).tobytes(), np.uint8).reshape(1, 8, 3)


class FlatPolicy(LatentGoalPolicy):
    """Recognises a place within `reach` metres, in sight, and from a heading within 75 degrees of it."""

    rate = RATE
    latent_size = 3
    horizontal_fov = 120.0
    fingerprint = "flat-encoder"

    def __init__(self, world: FlatWorld, reach: float = 6.0) -> None:
        self.world, self.reach = world, reach
        self._frequencies = np.random.default_rng(5).normal(0, 1, (64, 4)) * (0.25, 0.25, 1.2, 1.2)

    def encode(self, image: NDArray[np.uint8]) -> Embedding:
        x, y, yaw = np.frombuffer(image.tobytes(), np.float64)
        phase = self._frequencies @ (x, y, cos(yaw), sin(yaw))
        descriptor = np.concatenate((np.cos(phase), np.sin(phase))) / 8.0
        half = radians(self.horizontal_fov) / 2
        bearings = half * (1 - 2 * (np.arange(SECTORS) + 0.5) / SECTORS)
        return Embedding(
            descriptor.astype(np.float32),
            np.array([[x, y, yaw]], np.float16),
            self.world.ranges(Pose(x, y, yaw), bearings),
        )

    def compare(self, observation: Embedding, goals: Sequence[Embedding]) -> Comparison:
        here = Pose(*observation.tokens[0].astype(float).tolist())
        rows = [self._relation(here, Pose(*goal.tokens[0].astype(float).tolist())) for goal in goals]
        table = np.array(rows, np.float32).reshape(len(rows), 8)
        return Comparison(*table[:, :5].T.copy(), table[:, 5:], np.full((len(rows), 3), -6, np.float32))

    def _relation(self, here: Pose, goal: Pose) -> tuple[float, ...]:
        there = here.inverse @ goal
        ahead = there.distance < 1.5 or abs(there.bearing) < radians(self.horizontal_fov) / 2
        near = there.distance < self.reach and ahead and abs(there.yaw) < radians(75)
        match = 0.97 if near and (there.distance < 0.1 or self.world.sees(here, goal)) else 0.01
        steps = RATE * there.distance + 3 * abs(there.yaw)
        return steps, match, there.bearing, there.yaw, there.distance, there.x, there.y, there.yaw

    def decode(self, observation: Embedding, latents: NDArray[np.float32]) -> Action:
        x, y, yaw = latents.astype(float).T
        distance = np.hypot(x, y)
        turn = np.where(distance < 0.4, yaw, np.arctan2(y, x))
        linear = np.minimum(distance, 1.0) * np.cos(turn).clip(0) * (distance >= 0.4)
        twist = np.stack([linear, np.clip(2 * turn, -1, 1)], -1).astype(np.float32)
        count = len(latents)
        return Action(twist, np.zeros((count, 5, 2), np.float32), (4 * distance).astype(np.float32))


@dataclass
class Search:
    """What happened."""

    decisions: list[Decision]
    truth: list[Pose]
    seconds: float
    driven: float

    @property
    def last(self) -> Decision:
        return self.decisions[-1]

    @property
    def phases(self) -> set[Phase]:
        return {decision.phase for decision in self.decisions}


def search(searcher: Searcher, world: FlatWorld, steps: int) -> Search:
    """Run a searcher, whose `begin` was called, until it ends or `steps` are spent."""
    began, decisions, truth = world.time, [], []
    for _ in range(steps):
        decisions.append(searcher.step(world.observe()))
        truth.append(world.pose)
        if decisions[-1].phase in (Phase.REACHED, Phase.FAILED):
            break
        world.step(decisions[-1].twist)
    return Search(decisions, truth, world.time - began, world.driven)


def away(a: Pose, b: Pose) -> tuple[float, float]:
    """Metres and radians between two poses."""
    return hypot(a.x - b.x, a.y - b.y), abs(wrap_angle(a.yaw - b.yaw))
