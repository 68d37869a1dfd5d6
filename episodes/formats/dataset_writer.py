"""What writes trajectories in some format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from cairn.episodes.quality_gate import JudgedStep
from cairn.episodes.step_tally import DropReason
from cairn.episodes.trajectory import TrajectoryInfo


@dataclass(frozen=True)
class WrittenTrajectory:
    """A trajectory in the new data set.

    Attributes:
        name: in the new data set.
        drive: name of the trajectory it was cut from; pieces of one drive belong to one split.
        steps: how many.
        task: empty when unknown.
    """

    name: str
    drive: str
    steps: int
    task: str


class DatasetWriter(ABC):
    """Writes the trajectories of one source, one after the other, in some process of its own.

    Writers of other sources may write to the same directory meanwhile; names are unique among all.
    """

    def refuses(self, judged: JudgedStep) -> DropReason | None:
        """Why the format can't hold a step; None when it can."""
        return None

    @abstractmethod
    def begin(self, info: TrajectoryInfo, first: JudgedStep) -> None:
        """Begin a trajectory that will have `first` and more.  Raises CairnError when it can't be held."""

    @abstractmethod
    def add(self, judged: JudgedStep) -> None:
        """Append a step to the trajectory under way.  Raises CairnError when it can't be held."""

    @abstractmethod
    def end(self) -> None:
        """Complete the trajectory under way."""

    @abstractmethod
    def close(self) -> None:
        """Complete what the source's trajectories share."""
