"""What a robot saw and did on one drive, step by step, whatever file it comes from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from cairn.episodes.episode import Outcome
from cairn.episodes.step import Step
from cairn.episodes.step_tally import StepTally
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class TrajectoryInfo:
    """What is known before the first step.

    Attributes:
        name: of the trajectory, unique in its source; never a path.
        rate: nominal steps a second [Hz].
        source: the file or directory it is read from.
        camera: intrinsics of the images; None when unknown.
        task, operator: empty when unknown.
        outcome: whether the task was done.
        expected_steps: how many steps to expect, for a progress bar; None when unknown.
    """

    name: str
    rate: float
    source: Path
    camera: CameraModel | None = None
    task: str = ""
    operator: str = ""
    outcome: Outcome = Outcome.UNKNOWN
    expected_steps: int | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        if not (isfinite(self.rate) and 0.0 < self.rate <= 1000.0):
            raise CairnError(f"a trajectory's rate must lie in (0, 1000] Hz, got {self.rate}")


class Trajectory(ABC):
    """A drive that can be read step by step, as often as one likes.

    Steps are read one at a time and never all at once: memory does not grow with the length.

    Attributes:
        info: what is known before the first step.
        tally: what the latest pass of `steps` left out and how well it aligned; complete at its end.
    """

    def __init__(self, info: TrajectoryInfo) -> None:
        self.info = info
        self.tally = StepTally()

    @abstractmethod
    def steps(self) -> Iterator[Step]:
        """The steps by stamp, about `1 / info.rate` apart; more where something is missing.

        Raises a CairnError when the source turns out to be damaged beyond what can be left out.
        """


def check_name(name: str) -> str:
    """A name that is safe as that of a file; raises CairnError for a path, a hidden file or control signs."""
    plain = bool(name) and not name.startswith(".") and len(name.encode()) <= 200 and name.isprintable()
    if not plain or any(sign in name for sign in '/\\:*?"<>|'):
        raise CairnError(
            f"expected the name of a trajectory, without slashes and not beginning with a dot, got {name!r}"
        )
    return name
