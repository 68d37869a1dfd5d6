"""Anything that searches for a goal photo, one control step at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.mobile_base import Odometry
from cairn.navigation.decision import Decision


@dataclass(frozen=True)
class Observation:
    """What a robot knows at one control step.

    Attributes:
        image: RGB uint8 (height, width, 3).
        odometry: newest odometry at or before the image's stamp.
        stamp: of the image, seconds.
        collided: the base reports that it hit something or is stuck (bumper, current, or wheels turning
            without motion); a robot without such a sensor says False.
    """

    image: NDArray[np.uint8]
    odometry: Odometry
    stamp: float
    collided: bool = False


class Searcher(ABC):
    """Called once per control step with the newest observation; keeps its own memory.

    The same object runs inside the ROS node and inside the benchmark.
    """

    @abstractmethod
    def begin(self, goal_image: NDArray[np.uint8], seed: int = 0, *, known_start: bool = False) -> None:
        """Start a search; the memory of earlier searches is kept.

        `known_start` says that the robot stands again, with the same heading, where its first search (or
        the demonstration given to `watch`) began; otherwise it may stand anywhere.  Either way odometry
        may have restarted.
        """

    @abstractmethod
    def step(self, observation: Observation) -> Decision:
        """Decide.  `Phase.REACHED` and `Phase.FAILED` end the search; their twist is zero."""

    def ponder(self) -> None:  # noqa: B027
        """Work out what the last step's view teaches, after its command went out; the next step uses it.

        Whoever calls it between steps keeps slow thoughts off the way from image to command.  Decisions are
        the same where nobody does: then the next step begins with it.
        """

    def watch(self, observation: Observation) -> None:  # noqa: B027
        """Remember what a demonstrator drives past, without deciding; nothing where there is no memory."""

    def node_stamps(self) -> dict[int, float]:
        """Stamp of the observation behind each remembered place, by the node numbers that decisions name."""
        return {}
