"""One demonstration or benchmark run, ready to be reported."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cairn.evaluation.trace import Trace
from cairn.hardware.errors import CairnError
from cairn.navigation.pose import Pose


@dataclass(frozen=True)
class MapPicture:
    """The true world from above.

    Attributes:
        occupied: bool, shape (rows, columns), row 0 at the lowest y.
        origin: x, y of the lower left corner [m].
        resolution: metres a cell.
    """

    occupied: NDArray[np.bool_]
    origin: tuple[float, float]
    resolution: float

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """xmin, xmax, ymin, ymax [m]."""
        rows, columns = self.occupied.shape
        x, y = self.origin
        return (x, x + columns * self.resolution, y, y + rows * self.resolution)


@dataclass(frozen=True)
class GraphPicture:
    """The graph memory over the true world.

    Attributes:
        places: shape (N, 2): x, y [m] where the robot truly was when each node was made.
        visits: shape (N,).
        edges: shape (E, 2): indices into `places`.
    """

    places: NDArray[np.float64]
    visits: NDArray[np.int64]
    edges: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.places.ndim != 2 or self.places.shape[1] != 2 or self.visits.shape != (len(self.places),):
            raise CairnError(
                f"a graph's places must be (N, 2) with N visits, got {self.places.shape}, {self.visits.shape}"
            )
        if self.edges.size and not (self.edges.min() >= 0 and self.edges.max() < len(self.places)):
            raise CairnError(f"edges must join places 0..{len(self.places) - 1}, got {self.edges.max()}")


@dataclass(frozen=True)
class VisitRecord:
    """One drive to the goal.

    Attributes:
        name: "discovery", "second visit" ...
        verdict: in the simulator's words; "reached" is success.
        last_image: RGB uint8: what the robot saw when it stopped.
    """

    name: str
    verdict: str
    trace: Trace
    collisions: int
    last_image: NDArray[np.uint8]

    @property
    def success(self) -> bool:
        return self.verdict == "reached"

    @property
    def seconds(self) -> float:
        return float(self.trace.stamp[-1] - self.trace.stamp[0]) if len(self.trace) else 0.0


@dataclass(frozen=True)
class RunRecord:
    """Everything that the report shows; the benchmark and the demo both fill it.

    Attributes:
        title: of the page.
        shortest_length: metres by the shortest path from start to goal.
        latencies_ms: by name of the stage or span, shape (N,) each.
        details: what to print below the title: world, seed, conditions, policy, bag ...
    """

    title: str
    goal_image: NDArray[np.uint8]
    start: Pose
    goal: Pose
    shortest_length: float
    map: MapPicture
    visits: tuple[VisitRecord, ...]
    graph: GraphPicture | None = None
    latencies_ms: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.visits:
            raise CairnError("a report needs at least one visit")
        for visit in self.visits:
            if not len(visit.trace):
                raise CairnError(f"the visit {visit.name!r} has no step to report")
