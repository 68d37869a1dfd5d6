"""A kitchen in which something is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.sim.kitchens.goals import Goal
from cairn.hardware.sim.kitchens.kitchen_camera import KitchenCamera
from cairn.hardware.sim.kitchens.prop import Prop

SEEDS = range(3000)
"""0 to 999 to train, 1000 to 1999 to tune, 2000 to 2999 to report."""


@dataclass(frozen=True, eq=False)
class Kitchen:
    """One scene, the arm's base at its origin, z up, in metres.

    Attributes:
        domain, task, seed: what it was made from.
        spec: not compiled, so that an arm can be attached.
        instruction: what is to be done, in English.
        goal: when it is done.
        camera: the one over the shoulder.
        props: what stands in it, by name.
        joints: where the scene's own joints stand at first [m or rad], by name.
        start: state of the hand at the beginning, as `bridge_state` has it, shape (7,).
    """

    domain: str
    task: str
    seed: int
    spec: mujoco.MjSpec
    instruction: str
    goal: Goal
    camera: KitchenCamera
    props: Mapping[str, Prop]
    joints: Mapping[str, float]
    start: NDArray[np.float64]

    @property
    def name(self) -> str:
        return f"{self.domain}-{self.task}-{self.seed:04d}"
