"""Columns of all edges and what each is expected to cost."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.graph.edge import EdgeKind
from cairn.navigation.graph.growing_array import GrowingArray
from cairn.navigation.pose import Pose

FAILURE_PENALTY = 60.0
"""Seconds added to an edge that has just failed once: a detour of a minute is tried first."""
FAILURE_HALF_LIFE = 120.0
"""Seconds after which half of that penalty is forgotten: what blocked the way may have moved."""
PRIOR_STEPS = 40.0
"""Weight of the policy's nominal rate against measured traversals, in control steps."""
MINIMUM_COST = 1e-3
"""Seconds: scipy.sparse.csgraph takes an explicit zero for a real edge but other readers do not."""

_COLUMNS: dict[str, tuple[str, tuple[int, ...]]] = {
    "source": ("<i4", ()),
    "target": ("<i4", ()),
    "kind": ("|u1", ()),
    "steps": ("<f4", ()),
    "relative_pose": ("<f4", (3,)),
    "relative_variance": ("<f4", (2,)),
    "traversals": ("<i4", ()),
    "mean_time": ("<f4", ()),
    "failures": ("<i4", ()),
    "failure_level": ("<f4", ()),
    "last_failure": ("<f8", ()),
}


class EdgeTable:
    """Edges by row; `source` and `target` are node rows, one edge an ordered pair.

    Column shapes: relative_pose (E, 3), NaN where unmeasured; relative_variance (E, 2) [m^2, rad^2]; the
    others (E,).  `failure_level` is the decayed count of failures at `last_failure`.
    """

    def __init__(self, rate: float) -> None:
        self._columns = {name: GrowingArray(dtype, shape) for name, (dtype, shape) in _COLUMNS.items()}
        self._row_of: dict[int, int] = {}
        self._rate = rate
        self.calibration = (0.0, 0.0)
        self.version = 0
        """Raised when edges went or moved, not when one was appended."""
        self.evidence = 0
        """Raised when what is known of an existing edge changed."""

    def __len__(self) -> int:
        return len(self._row_of)

    def column(self, name: str) -> NDArray[Any]:
        return self._columns[name].view

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self._columns.values())

    @property
    def seconds_per_step(self) -> float:
        """Measured duration of a predicted step, the policy's nominal one until traversals say otherwise."""
        seconds, steps = self.calibration
        return (seconds + PRIOR_STEPS / self._rate) / (steps + PRIOR_STEPS)

    def find(self, source: int, target: int) -> int | None:
        return self._row_of.get(source << 32 | target)

    def add(
        self,
        source: int,
        target: int,
        steps: float,
        kind: EdgeKind,
        relative_pose: Pose | None,
        relative_variance: tuple[float, float],
    ) -> int:
        """Insert or refine; returns the edge's row.  A weaker kind never overwrites a stronger one's data."""
        row = self.find(source, target)
        pose = (np.nan,) * 3 if relative_pose is None else relative_pose
        if row is None:
            row = len(self)
            values: dict[str, object] = dict.fromkeys(_COLUMNS, 0)
            values.update(source=source, target=target, kind=kind, steps=steps, relative_pose=pose)
            values.update(relative_variance=relative_variance, last_failure=-np.inf)
            for name, column in self._columns.items():
                column.append(values[name])
            self._row_of[source << 32 | target] = row
            return row
        self.evidence += 1
        old = self._writable("kind")[row]
        if kind >= old:
            self._writable("kind")[row] = kind
            known = self._writable("steps")
            known[row] = (known[row] + steps) / 2 if kind == old else steps
            if relative_pose is not None:
                self._writable("relative_pose")[row] = pose
                self._writable("relative_variance")[row] = relative_variance
        elif relative_pose is not None and np.isnan(self._writable("relative_pose")[row, 0]):
            self._writable("relative_pose")[row] = pose
            self._writable("relative_variance")[row] = relative_variance
        return row

    def record_traversal(self, row: int, seconds: float) -> None:
        self.evidence += 1
        count = self._writable("traversals")
        mean = self._writable("mean_time")
        count[row] += 1
        mean[row] += (seconds - mean[row]) / count[row]
        self._writable("kind")[row] = EdgeKind.TRAVERSED
        self._writable("failure_level")[row] *= 0.25
        total_seconds, total_steps = self.calibration
        self.calibration = (total_seconds + seconds, total_steps + float(self._writable("steps")[row]))

    def record_failure(self, row: int, stamp: float) -> None:
        self.evidence += 1
        level = self._writable("failure_level")
        last = self._writable("last_failure")
        age = max(0.0, stamp - last[row]) if np.isfinite(last[row]) else np.inf
        level[row] = level[row] * 0.5 ** (age / FAILURE_HALF_LIFE) + 1.0
        last[row] = stamp
        self._writable("failures")[row] += 1

    def costs(self, stamp: float) -> NDArray[np.float64]:
        """Expected seconds to traverse each edge now, shape (E,): prediction, experience and failures."""
        predicted = self._writable("steps") * np.float64(self.seconds_per_step)
        traversals = self._writable("traversals")
        cost = (predicted + traversals * self._writable("mean_time")) / (1.0 + traversals)
        failed = np.flatnonzero(self._writable("failure_level"))
        if len(failed):
            age = np.maximum(stamp - self._writable("last_failure")[failed], 0.0)
            decay = 0.5 ** (age / FAILURE_HALF_LIFE)
            cost[failed] += FAILURE_PENALTY * decay * self._writable("failure_level")[failed]
        floored: NDArray[np.float64] = np.maximum(cost, MINIMUM_COST)
        return floored

    def keep_nodes(self, new_row: NDArray[np.intp]) -> None:
        """Renumber nodes; edges of a node whose new row is -1 go with it."""
        source = new_row[self._writable("source")]
        target = new_row[self._writable("target")]
        kept = (source >= 0) & (target >= 0)
        self._writable("source")[:] = source
        self._writable("target")[:] = target
        for column in self._columns.values():
            column.keep(kept)
        self._index()

    def snapshot(self) -> dict[str, NDArray[Any]]:
        """Copies of all columns."""
        return {name: column.view.copy() for name, column in self._columns.items()}

    def restore(self, columns: dict[str, NDArray[Any]]) -> None:
        """Fill an empty table with the columns of `snapshot`."""
        for name, column in self._columns.items():
            column.extend(columns[name])
        self._index()

    @staticmethod
    def schema() -> dict[str, tuple[str, tuple[int, ...]]]:
        """Data type and row shape of each column."""
        return dict(_COLUMNS)

    def _index(self) -> None:
        source = self._writable("source").astype(np.int64)
        keys = (source << 32 | self._writable("target")).tolist()
        self._row_of = dict(zip(keys, range(len(keys)), strict=True))
        self.version += 1

    def _writable(self, name: str) -> NDArray[Any]:
        return self._columns[name].writable
