"""One moment of a demonstration in the contract of Bridge Data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cairn.episodes.picture import Picture
from cairn.hardware.errors import CairnError

DIMENSIONS = 7


@dataclass(frozen=True, eq=False)
class BridgeStep:
    """What was seen, where the arm was, and what it was told.

    Attributes:
        pictures: by number of the camera, as they were stored.
        state: of the end effector in `base_link`, shape (7,): x, y, z [m], roll, pitch, yaw [rad] relative
            to the gripper pointing down, gripper.
        action: shape (7,): change of x, y, z [m] and roll, pitch, yaw [rad], and the absolute gripper (1
            open, 0 closed).  None in the observation that ends a demonstration: nothing followed it.
        stamp: [s], by the clock of the source; None when unknown.
        reward, discount, is_terminal: as reinforcement learning has them.
        extras: further arrays of the raw format by name, e.g. "qpos"; of its actions "policy/<name>".

    Arrays are float64 and read-only.  Raises CairnError when a shape is wrong or a number is not finite.
    """

    pictures: Mapping[int, Picture]
    state: NDArray[np.float64]
    action: NDArray[np.float64] | None = None
    stamp: float | None = None
    reward: float = 0.0
    discount: float = 1.0
    is_terminal: bool = False
    extras: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", checked("state", self.state))
        if self.action is not None:
            object.__setattr__(self, "action", checked("action", self.action))
        if self.stamp is not None and not isfinite(self.stamp):
            raise CairnError(f"expected a finite stamp, got {self.stamp}")


def checked(name: str, value: Any) -> NDArray[np.float64]:
    """Seven finite numbers, read-only.  Raises CairnError."""
    try:
        array = np.array(value, np.float64)
    except (TypeError, ValueError) as error:
        raise CairnError(f"{name}: expected {DIMENSIONS} numbers, got {type(value).__name__}") from error
    if array.shape != (DIMENSIONS,) or not np.isfinite(array).all():
        raise CairnError(f"{name}: expected {DIMENSIONS} finite numbers, got {array.tolist()!r:.120}")
    array.setflags(write=False)
    return array
