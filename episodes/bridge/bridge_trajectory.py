"""A demonstration of Bridge Data, whatever file it comes from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.trajectory import check_name

RATE = 5.0
"""At which Bridge Data was collected [Hz]."""


@dataclass(frozen=True, eq=False)
class BridgeInfo:
    """What is known before the first step.

    Attributes:
        name: unique in its source; never a path.
        source: the file or directory it is read from.
        cameras: numbers of the cameras, rising.
        language: what was done, in one or several people's words; empty when unknown.
        task: name of the folder it was filed under, never a path; empty when unknown.
        split: "train", "val" or whatever the source calls it; empty when unknown.
        embedding: of the language, shape (512,), float32; None when there is none.
        episode_id: of the RLDS format; None when unknown.
        provenance: where the source says that it comes from.

    Raises CairnError where a name is a path.
    """

    name: str
    source: Path
    cameras: tuple[int, ...]
    language: tuple[str, ...] = ()
    task: str = ""
    split: str = ""
    embedding: NDArray[np.float32] | None = None
    episode_id: int | None = None
    provenance: str = ""

    def __post_init__(self) -> None:
        check_name(self.name)
        for name in (self.task, self.split):
            if name:
                check_name(name)


class BridgeTrajectory(ABC):
    """A demonstration that can be read step by step, as often as one likes.

    Attributes:
        info: what is known before the first step.
        left_out: what the source has and a step has no place for, or what was repaired; complete at the end
            of a pass of `steps`.
    """

    def __init__(self, info: BridgeInfo) -> None:
        self.info = info
        self.left_out: Counter[str] = Counter()

    @abstractmethod
    def steps(self) -> Iterator[BridgeStep]:
        """The steps in order; only the last may have no action.

        Raises a CairnError where the source is damaged; the demonstration is then worth nothing.
        """


BridgeOpener = Callable[[], BridgeTrajectory]
"""Opens one demonstration.  Raises CairnError when it is damaged; its neighbours may be whole."""
