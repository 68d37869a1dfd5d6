"""Goals that were found before, and where."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cairn.navigation.goal_hypothesis import viewpoint
from cairn.navigation.graph.graph_memory import GraphMemory
from cairn.navigation.pose import Pose
from cairn.policies.embedding import Embedding
from cairn.policies.latent_goal_policy import LatentGoalPolicy

_SAME_PHOTO = 0.995
# Match probability of a remembered view, without its image: enough to go and look.
_LIKELY = 0.8


@dataclass
class KnownGoals:
    """Photos and the poses, in `map`, from which they were recognised to be taken."""

    found: list[tuple[Embedding, Pose]] = field(default_factory=list)

    def remember(self, goal: Embedding | None, pose: Pose) -> None:
        """A goal was reached at `pose`."""
        if goal is not None:
            self.found = [(old, place) for old, place in self.found if not is_same_photo(old, goal)]
            self.found.append((goal, pose))

    def recall(self, goal: Embedding, graph: GraphMemory, policy: LatentGoalPolicy) -> Pose | None:
        """Where the goal is: as found before, else by the remembered view most like it, else None."""
        for old, place in self.found:
            if is_same_photo(old, goal):
                return place
        ids, _ = graph.most_similar(goal.descriptor, min(32, len(graph)))
        if len(ids) == 0:
            return None
        views = graph.embeddings(ids.tolist())
        matches = [policy.compare(view, [goal]) for view in views]
        score = np.array([float(c.match[0]) / (1 + 0.1 * float(c.distance[0])) for c in matches])
        best = int(np.argmax(score))
        comparison = matches[best]
        if float(comparison.match[0]) < _LIKELY:
            return None
        return viewpoint(
            graph.pose(int(ids[best])),
            float(comparison.bearing[0]),
            float(comparison.distance[0]),
            float(comparison.yaw[0]),
        )


def is_same_photo(a: Embedding, b: Embedding) -> bool:
    """Whether two goal images are one, as far as the encoder can tell."""
    return float(a.descriptor @ b.descriptor) > _SAME_PHOTO
