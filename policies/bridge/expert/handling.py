"""Seeing and handling things, the way scripts speak of it."""

from __future__ import annotations

from collections.abc import Iterator
from math import pi
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cairn.policies.bridge.expert.move import Move, hand_at, nearest_yaw, shift

if TYPE_CHECKING:
    from cairn.hardware.sim.kitchens.kitchen_rig import KitchenRig

_TIPS = 0.030  # height of the hand's frame where the finger tips just clear the table [m]
_ABOVE = 0.09  # [m]
_MISS = 0.08  # chance that a grasp goes astray at first
_REACH = ((0.20, 0.42), (-0.19, 0.19))


class Handling:
    """A look at the kitchen as it is now, with a person's errors, and the moves that every script shares."""

    def __init__(self, rig: KitchenRig, rng: np.random.Generator) -> None:
        self._rig, self._rng = rig, rng
        self._truth = rig.simulation.state
        self._props = rig.simulation.kitchen.props
        self._misses = rng.random() < _MISS

    def pose(self, name: str) -> NDArray[np.float64]:
        return self._truth.pose(name)

    def position(self, name: str) -> NDArray[np.float64]:
        return self._truth.pose(name)[:3, 3]

    def joint(self, name: str) -> float:
        return self._truth.joint(name)

    def pose_of_hand(self) -> NDArray[np.float64]:
        """That the gate goes to, shape (4, 4)."""
        return np.array(self._rig.target)

    def grasp_point(self, name: str) -> NDArray[np.float64]:
        """Of the first way to take a thing, in the base frame."""
        pose = self.pose(name)
        return np.asarray(pose[:3, 3] + pose[:3, :3] @ self._props[name].grasps[0].point)

    def across(self, axis: float) -> float:
        """Yaw of a hand whose fingers close across a line in the direction `axis` [rad]."""
        return nearest_yaw(axis + pi / 2)

    def move(
        self, point: NDArray[np.float64], yaw: float, opening: float, near: float = 0.012, pace: float = 1.0
    ) -> Move:
        """To a point, not quite."""
        return self.roll(point, yaw, 0.0, opening, near, pace)

    def roll(
        self,
        point: NDArray[np.float64],
        yaw: float,
        roll: float,
        opening: float,
        near: float = 0.012,
        pace: float = 1.0,
    ) -> Move:
        """To a point with the hand rolled, not quite."""
        astray = self._rng.normal(0, min(0.01, 0.25 * near), 3)
        return Move(hand_at(point + astray, yaw, roll), opening, near, pace=pace)

    def close_on(self, point: NDArray[np.float64], yaw: float) -> Iterator[Move]:
        """Come from above, with the fingers on both sides of a point, and close them."""
        if self._misses:
            self._misses = False
            angle = self._rng.uniform(0, 2 * pi)
            beside = point + self._rng.uniform(0.035, 0.05) * np.array([np.cos(angle), np.sin(angle), 0])
            yield self.move(beside + shift(0, 0, _ABOVE), yaw, 1.0, near=0.03)
            # Seen too late: half-way down the hand turns back.
            yield self.move(beside + shift(0, 0, 0.075), yaw, 1.0, near=0.02)
        yield self.move(point + shift(0, 0, _ABOVE), yaw, 1.0, near=0.02)
        yield self.move(point + shift(0, 0, 0.055), yaw, 1.0, near=0.008)
        yield self.move(point, yaw, 1.0, near=0.006, pace=0.8)
        yield Move(None, 1.0, steps=1)
        yield Move(None, 0.0, steps=4)

    def take(self, thing: str) -> Iterator[Move]:
        """From above, then lift; whoever asks looks whether it worked."""
        prop, pose = self._props[thing], self.pose(thing)
        point = self.grasp_point(thing)
        point[2] = max(point[2], _TIPS)
        heading = float(np.arctan2(pose[1, 0], pose[0, 0]))
        hand = self.pose_of_hand()
        now = float(np.arctan2(hand[1, 1], hand[0, 1])) - pi / 2
        yaws = [now if grasp.axis is None else nearest_yaw(heading + grasp.axis) for grasp in prop.grasps]
        yaw = min(yaws, key=lambda one: abs(one - now))
        yield from self.close_on(point, yaw)
        yield Move(hand_at(point + shift(0, 0, _ABOVE), yaw), 0.0, near=0.02)
        if not self.has(thing):
            yield Move(hand_at(point + shift(0, 0, _ABOVE), yaw), 1.0, near=0.02, steps=2)

    def has(self, thing: str) -> bool:
        """Whether a thing is in the hand and off what it stood on."""
        return self.holds_something(thing) and self._truth.is_handled(thing)

    def holds_something(self, thing: str) -> bool:
        """Whether a thing is between the fingers."""
        off = self.position(thing) - self._rig.simulation.arm.grasp_pose[:3, 3]
        return bool(np.linalg.norm(off) < 0.075) and self._truth.is_handled(thing)

    def put(self, thing: str, support: str) -> Iterator[Move]:
        """Over something, down, and let go."""
        prop, under = self._props[thing], self._props[support]
        goal = self.position(support)
        over = goal[2] + max(under.rim, under.floor)
        inside = under.opening > 0 and under.rim > under.floor + 0.02
        drop = over + prop.rest + (0.012 if inside else 0.006)
        yield from self._carry(thing, goal, drop)

    def set_down(self, thing: str, spot: NDArray[np.float64]) -> Iterator[Move]:
        """At a place on the surface."""
        yield from self._carry(thing, spot, self._props[thing].rest + 0.006)

    def _carry(self, thing: str, goal: NDArray[np.float64], height: float) -> Iterator[Move]:
        """Bring a thing's frame over a point, then to a height [m], and let go."""
        hand = self.pose_of_hand()
        yaw = float(np.arctan2(hand[1, 1], hand[0, 1])) - pi / 2
        held = self.position(thing) - self._rig.simulation.arm.grasp_pose[:3, 3]
        high = max(height + 0.05, 0.12)
        above = np.array([goal[0] - held[0], goal[1] - held[1], high - held[2]])
        yield self.move(above, yaw, 0.0, near=0.012)
        if not self.has(thing):
            return
        held = self.position(thing) - self._rig.simulation.arm.grasp_pose[:3, 3]
        point = np.array([goal[0] - held[0], goal[1] - held[1], height - held[2]])
        yield self.move(point, yaw, 0.0, near=0.006, pace=0.7)
        yield Move(None, 0.0, steps=1)
        yield Move(None, 1.0, steps=3)
        yield self.move(point + shift(0, 0, _ABOVE), yaw, 1.0, near=0.02)

    def lowest(self, thing: str) -> float:
        """How high a standing thing's frame is now above where it stands [m]."""
        return float(self.position(thing)[2] - self._props[thing].rest)

    def free_spot(self, thing: str, away: str) -> NDArray[np.float64]:
        """A place on the surface clear of everything, nearest to where the thing is."""
        prop, centre = self._props[thing], self.position(away)[:2]
        best, least = centre, np.inf
        for _ in range(400):
            at = np.array([self._rng.uniform(*_REACH[0]), self._rng.uniform(*_REACH[1])])
            clear = all(
                np.linalg.norm(at - self.position(name)[:2])
                > other.radius + prop.radius + (0.045 if name == away else 0.02)
                for name, other in self._props.items()
                if name != thing
            )
            far = float(np.linalg.norm(at - centre))
            if clear and far < least:
                best, least = at, far
        return np.array([*best, 0.0])
