"""What a latent goal policy says about a goal, seen from here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Comparison:
    """One observation against N goals; every array float32 but `support`.

    Attributes:
        steps: shape (N,): expected temporal distance in control steps, meaningful where `match` is high.
        match: shape (N,): calibrated probability that the goal's place is in view or within reach.
        bearing: shape (N,): direction of the goal's viewpoint in `base_link` [rad], left positive.
        yaw: shape (N,): heading of the goal's viewpoint relative to ours [rad], left positive.
        distance: shape (N,): metres to the goal's viewpoint.
        latent_mean, latent_log_variance: shape (N, Z): the posterior p(z | observation, goal).
        support: local features of the goal found again in one motion, None where none were looked for.
    """

    steps: NDArray[np.float32]
    match: NDArray[np.float32]
    bearing: NDArray[np.float32]
    yaw: NDArray[np.float32]
    distance: NDArray[np.float32]
    latent_mean: NDArray[np.float32]
    latent_log_variance: NDArray[np.float32]
    support: float | None = None
