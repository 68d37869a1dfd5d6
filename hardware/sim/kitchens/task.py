"""Something to do in a kitchen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cairn.hardware.sim.kitchens.goals import Goal
from cairn.hardware.sim.kitchens.kitchen_builder import KitchenBuilder


@dataclass(frozen=True)
class Task:
    """One thing to do.

    Attributes:
        name: as Bridge Data names its folders.
        instruction: what a person would say.
        furnish: puts in place what it needs and says when it is done.  Raises NoRoom.
    """

    name: str
    instruction: str
    furnish: Callable[[KitchenBuilder], Goal]
