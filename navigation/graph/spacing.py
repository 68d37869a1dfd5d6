"""When a view is worth a node of its own."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, pi, radians

import numpy as np

from cairn.hardware.errors import CairnError
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.pose import Pose, wrap_angles


@dataclass(frozen=True)
class NodeSpacing:
    """A node for every `distance` metres and every `heading` radians, and none twice.

    At the defaults an hour at 1 m/s that never sees a place twice gives 1,800 nodes on the straight.
    """

    distance: float = 2.0
    heading: float = radians(50)

    def __post_init__(self) -> None:
        if not (isfinite(self.distance) and self.distance > 0 and 0 < self.heading <= pi):
            raise CairnError(
                f"spacing needs a positive distance and a heading in (0, pi], got {self.distance} m, "
                f"{self.heading} rad"
            )

    def should_add(self, graph: GraphMemory, pose: Pose) -> bool:
        """True when no node within `distance` of `pose` looks the same way to within `heading`."""
        near = graph.nodes_within(pose, self.distance)
        if len(near) == 0:
            return True
        yaw = graph.poses[np.searchsorted(graph.ids, near), 2]
        return bool((np.abs(wrap_angles(yaw - pose.yaw)) >= self.heading).all())
