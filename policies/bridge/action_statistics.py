"""What makes the numbers of an action comparable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.settings import DIMENSIONS

STEP_LIMITS = (0.05, 0.25)
"""Largest magnitudes of one step: translation [m] and rotation [rad]."""

# A number that hardly varies must not be blown up to the size of the others: 2 % of the limits.
_LEAST = np.array([0.001] * 3 + [0.005] * 3 + [0.02])

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ActionStatistics:
    """Mean and standard deviation, each of shape (7,), float64, read-only."""

    mean: Floats
    std: Floats

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            array = np.array(getattr(self, name), np.float64)
            if array.shape != (DIMENSIONS,) or not np.isfinite(array).all():
                raise CairnError(f"{name} of actions: expected {DIMENSIONS} finite numbers, got {array}")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if not (self.std > 0).all():
            raise CairnError(f"the standard deviation of actions must be positive, got {self.std.tolist()}")

    @classmethod
    def of(cls, actions: Floats) -> ActionStatistics:
        """Of actions, shape (N, 7)."""
        return cls(actions.mean(axis=0), np.maximum(actions.std(axis=0), _LEAST))

    def normalised(self, actions: Floats) -> NDArray[np.float32]:
        """z-scores of (..., 7)."""
        scores: NDArray[np.float32] = ((actions - self.mean) / self.std).astype(np.float32)
        return scores

    def physical(self, scores: NDArray[np.float32]) -> Floats:
        """Metres, radians and the gripper of z-scores (..., 7)."""
        return scores.astype(np.float64) * self.std + self.mean


def clipped(actions: Floats, limits: tuple[float, float] = STEP_LIMITS) -> Floats:
    """No number of (..., 7) beyond the limits of a step, the gripper in [0, 1]."""
    largest = np.array([limits[0]] * 3 + [limits[1]] * 3 + [1.0])
    smallest = -largest
    smallest[-1] = 0.0
    return np.clip(actions, smallest, largest)
