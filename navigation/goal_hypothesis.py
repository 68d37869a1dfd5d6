"""Where the goal's viewpoint may be, gathered over several views."""

from __future__ import annotations

from collections import deque
from math import cos, exp, hypot, log, sin
from typing import NamedTuple

import numpy as np

from cairn.navigation.pose import Pose, wrap_angle

_LIMIT = 12.0
_REMEMBERED, _FORGOTTEN = 60, 0.04  # sightings, and the share of its weight that each loses with the next
_AT_REST = 0.2  # least share that counts where the place is asked for, and not whether it is the goal's
_ERROR, _ERROR_A_METRE = 0.3, 0.2  # [m] of a sighting; 1 rad of heading counts as much as a metre


class Sighting(NamedTuple):
    """What one view said: the goal's viewpoint is at `pose`, `distance` metres from the view.

    `share` in [0, 1] is how much of the view is new: a robot at rest learns nothing by looking longer.
    """

    pose: Pose
    distance: float
    share: float


class GoalHypothesis:
    """A viewpoint with the evidence for it.

    Single views err now and then by a whole reflection of the scene, always another one as the robot moves
    on, so the place is where most of them agree (the mode of a kernel density) and no mean.

    Attributes:
        pose: where the goal's viewpoint is believed to be, in the frame of the sightings.
        log_odds: evidence that the goal is really there, bounded so that it can be overturned.
        views: independent views that supported it.
    """

    def __init__(self, first: Sighting, match: float) -> None:
        self.pose = first.pose
        self.log_odds = 0.0
        self.views = 1
        self._sightings = deque([first], _REMEMBERED)
        self.weigh(match, first.share)

    @property
    def probability(self) -> float:
        return 1 / (1 + exp(-self.log_odds))

    def place(self, sighting: Sighting) -> None:
        """One more view that looks like the goal."""
        self._sightings.append(sighting)
        self.pose = self._mode()

    def support(self, sighting: Sighting, match: float) -> None:
        """One more view that recognised the goal."""
        self.place(sighting)
        self.views += sighting.share > 0.3
        self.weigh(match, sighting.share)

    def weigh(self, match: float, share: float) -> None:
        """Add the evidence of one view that should show the goal if it is there."""
        p = min(max(match, 0.02), 0.98)
        self.log_odds = max(-_LIMIT, min(_LIMIT, self.log_odds + share * log(p / (1 - p))))

    def distance_from(self, pose: Pose) -> float:
        return hypot(self.pose.x - pose.x, self.pose.y - pose.y)

    def shifted(self, correction: Pose) -> None:
        """Follow a correction of the frame it is expressed in."""
        self.pose = correction @ self.pose
        self._sightings = deque(
            (one._replace(pose=correction @ one.pose) for one in self._sightings), _REMEMBERED
        )

    def _mode(self) -> Pose:
        """Where the sightings are densest; near ones say more, for their error grows with distance."""
        x, y, yaw = np.array([(one.pose.x, one.pose.y, one.pose.yaw) for one in self._sightings]).T
        distance, share = np.array([(one.distance, one.share) for one in self._sightings]).T
        turned = np.angle(np.exp(1j * (yaw[:, None] - yaw)))
        apart = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 + turned**2
        error = _ERROR + _ERROR_A_METRE * distance
        age = np.arange(len(x))[::-1]
        weight = np.maximum(share, _AT_REST) * (1 - _FORGOTTEN) ** age / error**2
        agreement = weight * np.exp(-0.5 * apart / error**2)
        densest = int(agreement.sum(1).argmax())
        weight = agreement[densest] / agreement[densest].sum()
        return Pose(
            float(weight @ x),
            float(weight @ y),
            wrap_angle(float(yaw[densest] - weight @ turned[densest])),
        )


def viewpoint(pose: Pose, bearing: float, distance: float, yaw: float) -> Pose:
    """The goal's viewpoint from a relation measured at `pose`."""
    direction = pose.yaw + bearing
    return Pose(
        pose.x + distance * cos(direction), pose.y + distance * sin(direction), wrap_angle(pose.yaw + yaw)
    )
