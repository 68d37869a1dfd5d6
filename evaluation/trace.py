"""What happened at each control step of a run, compact enough to keep."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cairn.navigation.decision import Decision
from cairn.navigation.pose import Pose
from cairn.navigation.searcher import Observation


@dataclass(frozen=True)
class Trace:
    """One row a control step, N of them.

    Attributes:
        stamp: shape (N,) [s], of the observation.
        truth: shape (N, 3): x, y [m], yaw [rad] in the world's frame.
        odometry: shape (N, 3): the same in `odom`, as the robot believes.
        twist: shape (N, 2): commanded forward [m/s] and turn [rad/s].
        phase: shape (N,): `cairn.navigation.decision.Phase`.
        predicted_steps, match: shape (N,): to the goal; NaN where the searcher did not say.
        node: shape (N,): most likely node of its memory, -1 when lost.
        collided: shape (N,).
        decide_ms: shape (N,): wall-clock milliseconds from the image to the decision.
    """

    stamp: NDArray[np.float64]
    truth: NDArray[np.float64]
    odometry: NDArray[np.float64]
    twist: NDArray[np.float64]
    phase: NDArray[np.int8]
    predicted_steps: NDArray[np.float32]
    match: NDArray[np.float32]
    node: NDArray[np.int32]
    collided: NDArray[np.bool_]
    decide_ms: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.stamp)

    @property
    def distance(self) -> float:
        """Metres really driven."""
        return float(np.hypot(*np.diff(self.truth[:, :2], axis=0).T).sum()) if len(self) > 1 else 0.0


@dataclass
class TraceRecorder:
    """Collects the steps of one run."""

    _rows: list[tuple[float, ...]] = field(default_factory=list)

    def add(self, truth: Pose, observation: Observation, decision: Decision, decide_ms: float) -> None:
        odometry = observation.odometry
        believed = (odometry.x, odometry.y, odometry.yaw)
        twist = (decision.twist.linear, decision.twist.angular)
        said = (decision.phase, decision.predicted_steps, decision.match_probability, decision.node)
        self._rows.append(
            (observation.stamp, *truth, *believed, *twist, *said, observation.collided, decide_ms)
        )

    def trace(self) -> Trace:
        table = np.array(self._rows, float).reshape(len(self._rows), 15)
        return Trace(
            stamp=table[:, 0],
            truth=table[:, 1:4],
            odometry=table[:, 4:7],
            twist=table[:, 7:9],
            phase=table[:, 9].astype(np.int8),
            predicted_steps=table[:, 10].astype(np.float32),
            match=table[:, 11].astype(np.float32),
            node=table[:, 12].astype(np.int32),
            collided=table[:, 13].astype(bool),
            decide_ms=table[:, 14].astype(np.float32),
        )
