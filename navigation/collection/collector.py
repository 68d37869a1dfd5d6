"""Drives and labels an unattended collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import pi

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.mobile_base import Odometry
from cairn.hardware.twist import Twist
from cairn.navigation.budget import Budget, BudgetKeeper
from cairn.navigation.collection.fence_keeper import FenceKeeper
from cairn.navigation.collection.geofence import Geofence
from cairn.navigation.collection.stuck_detector import StuckDetector
from cairn.navigation.pose import Pose
from cairn.policies.recon.explorative_driver import ExplorativeDriver

CLOSE = 0.15
"""What is nearer to the hull is labelled close, as in the RECON data set [m]."""
LOST = 3.0
"""Metres outside the fence at which the collection gives up."""
_HALF_LENGTH, _HALF_WIDTH = 0.254, 0.215
_OPEN = 10.0
_RATTLE = 0.5  # [s]
# Beams all round for a robot that sees nothing, or ahead only.
_BLIND_BEARINGS: NDArray[np.float64] = np.linspace(-pi, pi, 16, endpoint=False) + pi / 16


@dataclass(frozen=True)
class Ranges:
    """Free distance by direction, from a lidar or a policy's range head.

    Attributes:
        bearings: [rad] in `base_link`, left positive, shape (N,).
        metres: shape (N,).
    """

    bearings: NDArray[np.float64]
    metres: NDArray[np.float32]

    @property
    def is_close(self) -> bool:
        """Whether something is near the hull."""
        x = np.abs(self.metres * np.cos(self.bearings)) - _HALF_LENGTH
        y = np.abs(self.metres * np.sin(self.bearings)) - _HALF_WIDTH
        return bool((np.hypot(np.maximum(x, 0), np.maximum(y, 0)) < CLOSE).any())


@dataclass(frozen=True)
class Situation:
    """What is known at one odometry message.

    Attributes:
        odometry: of this moment.
        touches: a bumper or the simulator feels a contact.
        flipped: the robot lies on its side.
        passed_on: what the gate passes on of this collection's commands, None: nothing.
        ranges: None for a robot without eyes for them.
    """

    odometry: Odometry
    touches: bool = False
    flipped: bool = False
    passed_on: Twist | None = None
    ranges: Ranges | None = None


@dataclass(frozen=True)
class CollectionStep:
    """What to do and how to label the moment.

    Attributes:
        twist: wanted.
        collided: a contact began just now, felt or inferred from being stuck.
        retreats: the robot is getting away from one.
        physical, close, flipped, stuck, outside_geofence: labels as in `CollisionState`.
        collisions: distinct contacts so far.
        end: why the collection is over, "" while it isn't.
        is_fault: it is over because something went wrong.
    """

    twist: Twist = field(default_factory=Twist)
    collided: bool = False
    retreats: bool = False
    physical: bool = False
    close: bool = False
    flipped: bool = False
    stuck: bool = False
    outside_geofence: bool = False
    collisions: int = 0
    end: str = ""
    is_fault: bool = False


class Collector:
    """RECON's collection: a time-correlated random walk that bumps, backs off and turns.

    It needs odometry alone; ranges make it turn before most walls.

    Args:
        seed: of the walk.
        rate: decisions per second.
        speed: fastest forward speed [m/s].
        turn_rate: fastest turn [rad/s].
        budget: time and distance; its geofence is not used.
        fence: None for none; in the frame of the odometry.
        stuck_after: seconds of commanded motion without any that count as a contact.
    """

    def __init__(
        self,
        seed: int,
        rate: float,
        speed: float,
        turn_rate: float,
        budget: Budget,
        fence: Geofence | None = None,
        stuck_after: float = 1.0,
    ) -> None:
        self._driver = ExplorativeDriver(seed, rate)
        self._period = 1.0 / rate
        self._speed = speed
        self._turn_rate = turn_rate
        self._budget = BudgetKeeper(budget)
        self._fence = fence
        self._keeper = None if fence is None else FenceKeeper(fence, turn_rate=min(0.8, turn_rate))
        self._stuck = StuckDetector(stuck_after)
        self._bumped_at = float("-inf")
        self._collisions = 0
        self._next_decision: float | None = None
        self._retreats = False
        self._wanted = Twist()

    @property
    def distance(self) -> float:
        """Metres driven so far."""
        return self._budget.distance

    def step(self, now: Situation) -> CollectionStep:
        """Call it with every odometry message; between two decisions the twist is the same."""
        odometry = now.odometry
        stamp = odometry.stamp
        pose = Pose(odometry.x, odometry.y, odometry.yaw)
        stuck = self._stuck.update(stamp, now.passed_on, Twist(odometry.linear, odometry.angular))
        bumped = now.touches or stuck
        # A hull that rattles along a wall touches it once.
        collided = bumped and not 0 <= stamp - self._bumped_at < _RATTLE
        if bumped:
            self._bumped_at = stamp
        self._collisions += collided
        if collided or self._is_due(stamp):
            self._wanted = self._decide(now.ranges, bumped, collided)
            self._next_decision = stamp + self._period
        excess = 0.0 if self._fence is None else self._fence.excess(pose.x, pose.y)
        fault = _fault(now, excess)
        spent = self._budget.update(stamp, odometry)
        end = fault or ("" if spent is None else spent.value)
        return CollectionStep(
            twist=Twist() if end else self._kept(pose),
            collided=collided,
            retreats=self._retreats,
            physical=now.touches,
            close=now.ranges is not None and now.ranges.is_close,
            flipped=now.flipped,
            stuck=stuck,
            outside_geofence=excess > 0,
            collisions=self._collisions,
            end=end,
            is_fault=bool(fault),
        )

    def _is_due(self, stamp: float) -> bool:
        if self._next_decision is None or stamp >= self._next_decision:
            return True
        return stamp < self._next_decision - self._period  # the clock went back

    def _decide(self, ranges: Ranges | None, bumped: bool, collided: bool) -> Twist:
        bearings, metres = _BLIND_BEARINGS, np.full(len(_BLIND_BEARINGS), _OPEN, np.float32)
        if ranges is not None:
            bearings = np.concatenate((ranges.bearings, bearings))
            metres = np.concatenate((np.minimum(ranges.metres, _OPEN).astype(np.float32), metres))
        # A robot that still touches when its way back is over needs another one.
        twist = self._driver(bearings, metres, collided or (bumped and not self._driver.is_manoeuvring))
        self._retreats = self._driver.is_manoeuvring and (self._retreats or bumped)
        return twist

    def _kept(self, pose: Pose) -> Twist:
        """What the driver wants within the speeds and the fence."""
        twist = Twist(
            max(-self._speed, min(self._speed, self._wanted.linear)),
            max(-self._turn_rate, min(self._turn_rate, self._wanted.angular)),
        )
        return twist if self._keeper is None else self._keeper.keep(pose, twist)


def _fault(now: Situation, excess: float) -> str:
    if now.flipped:
        return "the robot has fallen over"
    return f"the robot is {excess:.1f} m outside the geofence" if excess > LOST else ""
