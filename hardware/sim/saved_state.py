"""A moment of a simulation to come back to."""

from __future__ import annotations

from copy import copy, deepcopy

import mujoco
import numpy as np

from cairn.hardware.sim.simulation import Simulation
from cairn.hardware.twist import Twist

_WHAT = mujoco.mjtState.mjSTATE_INTEGRATION
_COUNTERS = ("collisions", "distance_travelled", "_touching", "_touched", "_collision", "_last_touch")


class SavedState:
    """Everything from which the robot's motion, its odometry and its contacts go on, exactly as before.

    The camera's exposure is left out: pictures taken after `restore` differ in their noise and brightness.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._physics = np.empty(mujoco.mj_stateSize(simulation.model, _WHAT))
        mujoco.mj_getState(simulation.model, simulation.data, self._physics, _WHAT)
        self.sent: Twist = simulation._sent
        self._odometry = deepcopy(simulation._odometry)
        self._track = copy(simulation._track)
        self._counters = {name: getattr(simulation, name) for name in _COUNTERS if hasattr(simulation, name)}

    def restore(self, simulation: Simulation) -> None:
        """Bring the simulation that this was taken from back here; any number of times."""
        mujoco.mj_setState(simulation.model, simulation.data, self._physics, _WHAT)
        simulation._sent = self.sent
        simulation._odometry = deepcopy(self._odometry)
        simulation._track = copy(self._track)
        for name, value in self._counters.items():
            setattr(simulation, name, value)
