"""What physics knows of a kitchen."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.errors import CairnError
from cairn.hardware.sim.arm.arm_simulation import PREFIX, ArmSimulation

_LEVER = 0.03  # [m] at which a turn counts as speed


class KitchenState:
    """Poses, joints and contacts as they are now: to judge by, and for the scripted expert.

    Names are those of bodies and joints of the scene.  Raises CairnError for others.
    """

    def __init__(self, simulation: ArmSimulation) -> None:
        self._model, self._data = simulation.model, simulation.data
        names = [self._model.body(index).name for index in range(self._model.nbody)]
        self._is_arm = np.array([name.startswith(PREFIX) for name in names])
        self._bodies = {name: index for index, name in enumerate(names)}

    def pose(self, name: str) -> NDArray[np.float64]:
        """Of a body in the arm's base frame, shape (4, 4)."""
        body = self._body(name)
        pose = np.eye(4)
        pose[:3, :3] = self._data.xmat[body].reshape(3, 3)
        pose[:3, 3] = self._data.xpos[body]
        return pose

    def joint(self, name: str) -> float:
        """Position of a joint [m or rad]."""
        try:
            return float(self._data.joint(name).qpos[0])
        except KeyError as error:
            raise CairnError(f"the kitchen has no joint {name!r}") from error

    def speed(self, name: str) -> float:
        """Of a body [m/s]: the greater of its own and what its turn makes at 3 cm."""
        velocity = np.zeros(6)
        body = self._body(name)
        mujoco.mj_objectVelocity(self._model, self._data, mujoco.mjtObj.mjOBJ_BODY, body, velocity, 0)
        return float(max(np.linalg.norm(velocity[3:]), _LEVER * np.linalg.norm(velocity[:3])))

    def touches(self, one: str, other: str) -> bool:
        """Whether two bodies are in contact."""
        first, second = self._touching()
        a, b = self._body(one), self._body(other)
        return bool((((first == a) & (second == b)) | ((first == b) & (second == a))).any())

    def is_handled(self, name: str) -> bool:
        """Whether any part of the arm touches a body."""
        first, second = self._touching()
        body = self._body(name)
        return bool(((first == body) & self._is_arm[second] | (second == body) & self._is_arm[first]).any())

    def _touching(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        contacts, body = self._data.contact, self._model.geom_bodyid
        near = contacts.dist < 0.001
        return body[contacts.geom1[near]], body[contacts.geom2[near]]

    def _body(self, name: str) -> int:
        if name not in self._bodies:
            raise CairnError(f"the kitchen has no body {name!r}")
        return self._bodies[name]
