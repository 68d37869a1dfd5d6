"""What a searcher decides at one control step."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from math import nan

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.twist import Twist


class Phase(IntEnum):
    """As in cairn_interfaces/ExploreStatus."""

    IDLE = 0
    SEEKING = 1
    TRAVELLING = 2
    EXPLORING = 3
    SCANNING = 4
    VERIFYING = 5
    RECOVERING = 6
    REACHED = 7
    FAILED = 8


@dataclass(frozen=True)
class Decision:
    """The twist for this step and everything needed to judge it later.

    `subgoal_node` is a node of the graph memory, -1 for the goal image, -2 for a sample of the prior.
    """

    twist: Twist
    phase: Phase
    reason: str = ""
    predicted_steps: float = nan
    match_probability: float = 0.0
    subgoal_node: int = -2
    node: int = -1
    localisation_belief: float = 0.0
    waypoints: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    latent: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    sector_ranges: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
