"""The goal of an ExploreToGoal request, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.navigation.budget import Budget
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.pose import Pose
from cairn.nodes.explore_settings import ExploreNodeSettings
from cairn.policies.goal_image import read_goal_image

_KINDS = "exactly one of goal_image_path, goal_image and goal_node"


@dataclass(frozen=True)
class GoalRequest:
    """What to find and within which limits.

    Attributes:
        image: RGB uint8 (height, width, 3).
        place: where it is in `map`; None where only the photo says it.
        node: the remembered place asked for, -1 for a photo.
        known_start: the robot stands again where the map began.
    """

    image: NDArray[np.uint8]
    place: Pose | None
    node: int
    budget: Budget
    known_start: bool


def read_goal_request(goal: Any, graph: GraphMemory, settings: ExploreNodeSettings) -> GoalRequest:
    """Check an ExploreToGoal goal.

    Raises CairnError for none or several kinds of goal, a photo that is refused, a node that the map lacks,
    a budget that is no number, and a return by an empty map.
    """
    content = bytes(goal.goal_image.data)
    kinds = [bool(goal.goal_image_path), bool(content), goal.goal_node >= 0]
    if sum(kinds) != 1:
        raise CairnError(f"a goal must be {_KINDS}, got {sum(kinds)} of them")
    if goal.return_by_map and not len(graph):
        raise CairnError("return_by_map needs a map, and the one in memory is empty: load one first")
    place = None
    if goal.goal_node >= 0:
        image, place = _remembered(graph, goal.goal_node)
    else:
        image = read_goal_image(goal.goal_image_path or content)
    budget = Budget(
        goal.time_budget or settings.time_budget,
        goal.distance_budget or settings.distance_budget,
        goal.geofence_radius,
    )
    return GoalRequest(image, place, int(goal.goal_node), budget, bool(goal.return_by_map))


def _remembered(graph: GraphMemory, node: int) -> tuple[NDArray[np.uint8], Pose]:
    if node not in graph:
        known = f"0 to {int(graph.ids[-1])}, less those pruned" if len(graph) else "none: it is empty"
        raise CairnError(f"the map has no node {node}; valid: {known}")
    thumbnail = graph.thumbnail(node)
    if not thumbnail:
        raise CairnError(f"node {node} has no picture; valid goals are nodes with one, or a photo")
    return read_goal_image(thumbnail), graph.pose(node)
