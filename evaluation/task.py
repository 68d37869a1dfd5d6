"""A search task: where the robot starts and which photo it must find."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, isfinite, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.taut_path import path_length, taut
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.sim.truth_map import TruthMap
from cairn.navigation.pose import Pose, wrap_angle

NEAREST_GOAL, FARTHEST_GOAL = 20.0, 60.0  # [m] by shortest path
SUCCESS_RADIUS = 3.0  # [m]

_STARTS, _GOALS_A_START, _HEADINGS = 40, 60, 8
_OPEN_AHEAD = 2.0  # [m] nearer than this a photo shows one wall
_LEAST_DETAIL = 60.0  # [grey levels^2] variance of the Laplacian


@dataclass(frozen=True)
class SearchTask:
    """Drawn by seed in a world.

    Attributes:
        start, goal: poses in the world's frame; the goal photo was taken at `goal`.
        goal_image: RGB uint8 (height, width, 3), as the robot's own camera takes it.
        shortest_path: shape (N, 2) [m], from start to goal.
    """

    start: Pose
    goal: Pose
    goal_image: NDArray[np.uint8]
    shortest_path: NDArray[np.float64]

    def __post_init__(self) -> None:
        if not isfinite(self.shortest_length) or self.shortest_length <= 0:
            raise CairnError(f"no path leads from {self.start} to {self.goal}")
        for array in (self.goal_image, self.shortest_path):
            array.setflags(write=False)

    @property
    def shortest_length(self) -> float:
        """Metres from start to goal."""
        return path_length(self.shortest_path)

    def is_reached_from(self, pose: Pose, truth: TruthMap) -> bool:
        """The judge: within 3 m of the goal's place, and that place in line of sight."""
        near = hypot(self.goal.x - pose.x, self.goal.y - pose.y) <= SUCCESS_RADIUS
        return near and truth.line_of_sight((pose.x, pose.y), (self.goal.x, self.goal.y))


def draw_task(
    simulation: Simulation, seed: int, start: Pose | None = None, goal: Pose | None = None
) -> SearchTask:
    """A start and a goal 20-60 m apart by shortest path and out of sight of each other.

    `start` and `goal` fix what a world file prescribes; distance and sight are then taken as they are.
    Deterministic in the world and `seed`.  Raises CairnError where the world has no such pair.
    """
    truth = simulation.truth
    random = np.random.default_rng([seed, 20])
    for _ in range(_STARTS):
        begin = start or Pose(*truth.sample_free_pose(random))
        distances = truth.distances_from(begin.x, begin.y)
        for _ in range(_GOALS_A_START):
            end = goal or Pose(*truth.sample_free_pose(random))
            path = taut(distances.path_to(end.x, end.y), truth)
            if goal is None:
                fits = NEAREST_GOAL <= path_length(path) <= FARTHEST_GOAL
                if not fits or truth.line_of_sight((begin.x, begin.y), (end.x, end.y)):
                    continue
                turned = _with_a_view(end, simulation, random)
                if turned is None:
                    continue
                end = turned
            return SearchTask(begin, end, simulation.render_at(end), path)
    raise CairnError(
        f"found no start and goal {NEAREST_GOAL:.0f}-{FARTHEST_GOAL:.0f} m apart and out of sight after "
        f"{_STARTS} starts; this world is too small or too open"
    )


def draw_goal(simulation: Simulation, random: np.random.Generator) -> Pose:
    """A free pose whose photo shows something.  Raises CairnError where the world has none."""
    for _ in range(_GOALS_A_START):
        goal = _with_a_view(Pose(*simulation.truth.sample_free_pose(random)), simulation, random)
        if goal is not None:
            return goal
    raise CairnError(f"found no view worth a photo at {_GOALS_A_START} places of {simulation.world.name}")


def _with_a_view(goal: Pose, simulation: Simulation, random: np.random.Generator) -> Pose | None:
    """The same place with a heading, drawn first, whose photo shows more than a near wall or bare ground."""
    for yaw in random.uniform(-pi, pi) + np.linspace(0, 2 * pi, _HEADINGS, endpoint=False):
        pose = Pose(goal.x, goal.y, wrap_angle(float(yaw)))
        if _is_open_ahead(pose, simulation.truth) and _detail(simulation.render_at(pose)) >= _LEAST_DETAIL:
            return pose
    return None


def _is_open_ahead(pose: Pose, truth: TruthMap) -> bool:
    """Whether the middle 40 degrees of the view are free for `_OPEN_AHEAD` metres."""
    for direction in pose.yaw + np.linspace(-0.35, 0.35, 5):
        end = (pose.x + _OPEN_AHEAD * cos(direction), pose.y + _OPEN_AHEAD * sin(direction))
        if not truth.line_of_sight((pose.x, pose.y), end):
            return False
    return True


def _detail(image: NDArray[np.uint8]) -> float:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())
