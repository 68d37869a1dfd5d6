"""Where the goal's viewpoint may be, gathered over several views."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, hypot, log, sin

from cairn.navigation.pose import Pose, wrap_angle

_LIMIT = 12.0
_MEMORY = 0.8  # four views from two metres away, or one from close by


@dataclass
class GoalHypothesis:
    """A viewpoint in the odometry frame with the evidence for it.

    Attributes:
        pose: weighted mean of what single views said.
        weight: sum of their weights; near views weigh more because their error grows with distance.
        log_odds: evidence that the goal is really there, bounded so that it can be overturned.
        views: independent views that supported it.
    """

    pose: Pose
    weight: float
    log_odds: float
    views: int

    @property
    def probability(self) -> float:
        return 1 / (1 + exp(-self.log_odds))

    def support(self, pose: Pose, distance: float, match: float, share: float) -> None:
        """One more view puts the goal's viewpoint at `pose`, `distance` metres away.

        `share` in [0, 1] is how much of the view is new: a robot at rest learns nothing by looking longer.
        """
        weight = share / (0.3 + distance) ** 2
        total = self.weight + weight
        a = weight / total
        yaw = wrap_angle(self.pose.yaw + a * wrap_angle(pose.yaw - self.pose.yaw))
        self.pose = Pose(
            self.pose.x + a * (pose.x - self.pose.x), self.pose.y + a * (pose.y - self.pose.y), yaw
        )
        # Old views count less: the estimate must be able to move as the robot comes nearer.
        self.weight = min(total, _MEMORY)
        self.weigh(match, share)

    def weigh(self, match: float, share: float) -> None:
        """Add the evidence of one view that should show the goal if it is there."""
        p = min(max(match, 0.02), 0.98)
        self.log_odds = max(-_LIMIT, min(_LIMIT, self.log_odds + share * log(p / (1 - p))))

    def distance_from(self, pose: Pose) -> float:
        return hypot(self.pose.x - pose.x, self.pose.y - pose.y)

    def shifted(self, correction: Pose) -> None:
        """Follow a correction of the frame it is expressed in."""
        self.pose = correction @ self.pose


def viewpoint(pose: Pose, bearing: float, distance: float, yaw: float) -> Pose:
    """The goal's viewpoint from a relation measured at `pose`."""
    direction = pose.yaw + bearing
    return Pose(
        pose.x + distance * cos(direction), pose.y + distance * sin(direction), wrap_angle(pose.yaw + yaw)
    )
