"""What a latent goal policy would do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Action:
    """The decoder's answer for N latents; every array float32.

    Attributes:
        twist: shape (N, 2): forward [m/s] and turn [rad/s] over the next control step.
        waypoints: shape (N, W, 2): x, y [m] in `base_link`, one a control step.
        steps: shape (N,): temporal distance to the latent's goal in control steps.
    """

    twist: NDArray[np.float32]
    waypoints: NDArray[np.float32]
    steps: NDArray[np.float32]
