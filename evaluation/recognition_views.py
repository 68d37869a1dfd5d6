"""Views of a world from which a goal photo should, or should not, be recognised."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, pi, radians, sin

import numpy as np

from cairn.hardware.sim.truth_map import TruthMap
from cairn.navigation.pose import Pose, wrap_angle

NEAR = 3.0  # [m] within which the place is in view whatever the heading: its photo was taken from here
DISTANCES = (0.0, 3.0, 8.0, 12.0, 20.0)  # [m]
HEADINGS = (0.0, 22.5, 45.0, 90.0, 135.0, 180.0)  # [degrees]

_TRIES = 4000


@dataclass(frozen=True)
class Relation:
    """How a view stands to a goal.

    Attributes:
        distance: metres between the two places.
        heading: absolute difference of the two headings [rad], in [0, pi].
        in_view: the goal's place is in line of sight and in the picture, or nearer than `NEAR`.
        hidden: no line of sight and farther than `NEAR`: recognising it here is false.
    """

    distance: float
    heading: float
    in_view: bool
    hidden: bool


def relate(view: Pose, goal: Pose, truth: TruthMap, fov: float) -> Relation:
    """`fov` is the camera's horizontal field of view [degrees].

    A view with line of sight that looks away from the goal's place is neither in view nor hidden: it may
    show just what the photo shows.
    """
    dx, dy = goal.x - view.x, goal.y - view.y
    distance = hypot(dx, dy)
    sight = truth.line_of_sight((view.x, view.y), (goal.x, goal.y))
    ahead = abs(wrap_angle(atan2(dy, dx) - view.yaw)) < radians(fov) / 2
    near = distance < NEAR
    return Relation(
        distance,
        abs(wrap_angle(goal.yaw - view.yaw)),
        sight and (ahead or near),
        not sight and not near,
    )


def views_in_sight(
    goal: Pose, truth: TruthMap, fov: float, a_cell: int, random: np.random.Generator
) -> list[Pose]:
    """Up to `a_cell` poses in each cell of distance and heading, with the goal's place in view.

    Cells that the surroundings leave no room for stay short.
    """
    wanted = {(d, h): a_cell for d in range(len(DISTANCES) - 1) for h in range(len(HEADINGS) - 1)}
    views = []
    for _ in range(_TRIES):
        band = int(random.integers(len(DISTANCES) - 1))
        distance = float(random.uniform(DISTANCES[band], DISTANCES[band + 1]))
        around = float(random.uniform(-pi, pi))
        yaw = float(random.uniform(-pi, pi))
        view = Pose(goal.x + distance * cos(around), goal.y + distance * sin(around), yaw)
        cell = (band, _heading_cell(abs(wrap_angle(goal.yaw - yaw))))
        if wanted[cell] and truth.is_free(view.x, view.y) and relate(view, goal, truth, fov).in_view:
            wanted[cell] -= 1
            views.append(view)
            if not any(wanted.values()):
                break
    return views


def _heading_cell(difference: float) -> int:
    return min(int(np.searchsorted(HEADINGS, degrees(difference), "right")) - 1, len(HEADINGS) - 2)
