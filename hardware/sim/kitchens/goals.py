"""What it means that something was done, by physics alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from cairn.hardware.sim.kitchens.kitchen_state import KitchenState

SURFACE = "surface"
"""Body of what everything stands on."""
_STILL = 0.03  # [m/s]


class Goal(ABC):
    """A state of a kitchen that a task asks for."""

    @property
    @abstractmethod
    def bodies(self) -> tuple[str, ...]:
        """That must be at rest, and that the arm must have let go."""

    @abstractmethod
    def is_reached(self, state: KitchenState) -> bool:
        """Whether things are where they should be, moving or not."""

    def is_met(self, state: KitchenState) -> bool:
        """Whether it is reached, with everything at rest and out of the arm's hand."""
        return self.is_reached(state) and all(
            state.speed(name) < _STILL and not state.is_handled(name) for name in self.bodies
        )


@dataclass(frozen=True)
class Resting(Goal):
    """A thing rests on or in another.

    Attributes:
        within: farthest of the thing's frame from that of its support, seen from above [m].
        lowest, highest: of the thing's frame above that of its support [m].
        touching: body that it must touch, its support if "".
    """

    thing: str
    support: str
    within: float
    lowest: float
    highest: float
    touching: str = ""

    @property
    def bodies(self) -> tuple[str, ...]:
        return (self.thing,)

    def is_reached(self, state: KitchenState) -> bool:
        thing, support = state.pose(self.thing), state.pose(self.support)
        off = thing[:3, 3] - support[:3, 3]
        return (
            bool(np.hypot(off[0], off[1]) <= self.within)
            and self.lowest <= off[2] <= self.highest
            and bool(support[2, 2] > 0.9)
            and state.touches(self.thing, self.touching or self.support)
        )


@dataclass(frozen=True)
class TakenOut(Goal):
    """A thing lies on the surface, `beyond` [m] or more from what it was in, which stands as before."""

    thing: str
    container: str
    beyond: float

    @property
    def bodies(self) -> tuple[str, ...]:
        return (self.thing, self.container)

    def is_reached(self, state: KitchenState) -> bool:
        thing, container = state.pose(self.thing), state.pose(self.container)
        off = thing[:2, 3] - container[:2, 3]
        return (
            bool(np.linalg.norm(off) >= self.beyond)
            and bool(container[2, 2] > 0.9)
            and state.touches(self.thing, SURFACE)
        )


@dataclass(frozen=True)
class Upright(Goal):
    """A thing stands on the surface, its z axis up."""

    thing: str

    @property
    def bodies(self) -> tuple[str, ...]:
        return (self.thing,)

    def is_reached(self, state: KitchenState) -> bool:
        return bool(state.pose(self.thing)[2, 2] > 0.97) and state.touches(self.thing, SURFACE)


@dataclass(frozen=True)
class JointMoved(Goal):
    """A joint of a body stands at `least` or more, or at `most` or less [m or rad]."""

    body: str
    joint: str
    least: float = -np.inf
    most: float = np.inf

    @property
    def bodies(self) -> tuple[str, ...]:
        return (self.body,)

    def is_reached(self, state: KitchenState) -> bool:
        return self.least <= state.joint(self.joint) <= self.most
