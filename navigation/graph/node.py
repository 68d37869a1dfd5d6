"""A remembered place and heading."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.navigation.pose import Pose
from cairn.policies.embedding import Embedding


@dataclass(frozen=True)
class Node:
    """One view of the world, as a copy of what the memory knew when asked.

    Attributes:
        id: never reused, stable under removal of others.
        embedding: what the policy kept of the image.
        pose: of `base_link` in `map`, as last optimised.
        variance: drift of that pose since the map's origin: position [m^2] and yaw [rad^2].
        stamp: of the image [s].
        visits, last_visit: how often and when [s] the robot was here, the first time included.
    """

    id: int
    embedding: Embedding
    pose: Pose
    variance: tuple[float, float]
    stamp: float
    visits: int
    last_visit: float
