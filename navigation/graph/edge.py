"""A way from one remembered place to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from cairn.navigation.pose import Pose


class EdgeKind(IntEnum):
    """Where the knowledge of an edge comes from; a higher kind replaces a lower one."""

    PREDICTED = 0
    LOOP_CLOSURE = 1
    TRAVERSED = 2


@dataclass(frozen=True)
class Edge:
    """A directed edge, as a copy of what the memory knew when asked.

    Attributes:
        source, target: node ids.
        kind: the best evidence so far.
        steps: predicted temporal distance in control steps.
        relative_pose: the target in the source's frame as measured, or None when unmeasured.
        traversals: how often the robot drove it.
        mean_time: seconds a traversal took on average, 0 before the first.
        failures: how often an attempt failed, ever.
        last_failure: stamp of the last failure [s], -inf before the first.
    """

    source: int
    target: int
    kind: EdgeKind
    steps: float
    relative_pose: Pose | None
    traversals: int
    mean_time: float
    failures: int
    last_failure: float
