"""Where the robot may be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.graph.place_index import place_distance
from cairn.policies.comparison import Comparison

CLUSTER = 2.5
"""Hypotheses closer than this [m, a turn counted as in `place_index`] speak for the same place."""

CERTAIN = 0.65
"""Two places that look alike share the belief in halves that noise tips a little: neither is certain."""


@dataclass(frozen=True)
class Belief:
    """A discrete distribution over nodes and *lost*, which together sum to one.

    Attributes:
        nodes: node ids of the hypotheses, shape (H,).
        poses: of the robot in `map` under each, shape (H, 3).
        probabilities: shape (H,).
        lost: probability of being nowhere near a remembered view.
        compared: ids of the nodes compared with the newest image, shape (K,).
        comparison: the policy's answer for `compared`, in that order.
    """

    nodes: NDArray[np.int64]
    poses: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    lost: float
    compared: NDArray[np.int64]
    comparison: Comparison | None

    @cached_property
    def most_likely(self) -> tuple[int, float]:
        """The likeliest node and the probability of being about there; (-1, 0.0) when there is none.

        Neighbours share what belongs to one place, so the probability sums over hypotheses within
        `CLUSTER` of the node's.
        """
        best = self._best()
        if best is None:
            return -1, 0.0
        row, mass = best
        return int(self.nodes[row]), mass

    @property
    def is_lost(self) -> bool:
        """The likeliest place has less than `CERTAIN` of the belief: lost, or between two that look alike."""
        return self.most_likely[1] < CERTAIN

    def as_mapping(self) -> dict[int, float]:
        """Node id to probability, as the planner takes it."""
        return dict(zip(self.nodes.tolist(), self.probabilities.tolist(), strict=True))

    def _best(self) -> tuple[int, float] | None:
        if len(self.nodes) == 0:
            return None
        near = place_distance(self.poses[:, None], self.poses[None]) < CLUSTER
        mass = near @ self.probabilities
        # Among members of the heaviest place the heaviest hypothesis names the node.
        members = np.flatnonzero(near[int(np.argmax(mass))])
        row = int(members[np.argmax(self.probabilities[members])])
        return row, float(min(mass.max(), 1.0))
