"""A kitchen with a WidowX 250s in it, stepped without ROS."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.arm.bridge_pose import pose_of_state
from cairn.hardware.arm.kinematics import ArmKinematics
from cairn.hardware.arm.widowx_250s import HAND, urdf, widowx_250s
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.arm.arm_simulation import ArmSimulation
from cairn.hardware.sim.kitchens.kitchen import Kitchen
from cairn.hardware.sim.kitchens.kitchen_camera import CAMERAS, SHOULDER, WRIST, WRIST_POSE
from cairn.hardware.sim.kitchens.kitchen_state import KitchenState

SIZE = (640, 480)
_SETTLING = 0.4  # [s] before the beginning, in which things come to rest
_LOOK = 0.02  # [s] between two looks at the goal
_PERSISTS = 0.4  # [s] that the goal must be met without a break


class KitchenSimulation:
    """Lock-step: `advance` lets time pass while the arm follows its target.

    Deterministic for the same kitchen and targets on one machine.
    """

    def __init__(self, kitchen: Kitchen, shadows: bool = True) -> None:
        self.kitchen = kitchen
        self.arm = ArmSimulation(kitchen.spec)
        self.state = KitchenState(self.arm)
        self._shadows = shadows
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}
        pose, self._opening = pose_of_state(kitchen.start)
        arm = widowx_250s()
        self._start = ArmKinematics(arm, urdf(), HAND).reach(pose, arm.neutral).positions
        self._met = 0.0
        self.reset()

    @property
    def time(self) -> float:
        """Simulated seconds since the reset."""
        return self.arm.time - _SETTLING

    def reset(self) -> None:
        """Everything as the kitchen has it, at rest."""
        self.arm.reset(self._start, self._opening)
        for name, position in self.kitchen.joints.items():
            self.arm.data.joint(name).qpos[0] = position
        mujoco.mj_forward(self.arm.model, self.arm.data)
        self.arm.advance(_SETTLING)
        self._met = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass, in whole strides of 20 ms."""
        for _ in range(max(1, round(seconds / _LOOK))):
            self.arm.advance(_LOOK)
            self._met = self._met + _LOOK if self.kitchen.goal.is_met(self.state) else 0.0

    def is_done(self) -> bool:
        """Whether the task's goal has been met for .4 s: things at rest where they belong, and let go."""
        return self._met >= _PERSISTS - 1e-9

    def image(self, camera: str = SHOULDER, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
        """What a camera sees now, RGB, shape (height, width, 3); `size` is (width, height) [pixels].

        Raises CairnError for a camera that there is not.
        """
        if camera not in CAMERAS:
            raise CairnError(f"the kitchen has no camera {camera!r}; valid: {', '.join(CAMERAS)}")
        if size not in self._renderers:
            renderer = mujoco.Renderer(self.arm.model, size[1], size[0])
            renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = self._shadows
            renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = False
            self._renderers[size] = renderer
        renderer = self._renderers[size]
        if camera == WRIST:
            self._carry_wrist_camera()
        renderer.update_scene(self.arm.data, camera=camera)
        image: NDArray[np.uint8] = renderer.render()
        return image

    def close(self) -> None:
        """Free the OpenGL contexts."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()

    def _carry_wrist_camera(self) -> None:
        pose = self.arm.grasp_pose @ WRIST_POSE
        camera = self.arm.model.camera(WRIST).id
        self.arm.data.cam_xpos[camera] = pose[:3, 3]
        # MuJoCo's cameras look along -z, y up.
        self.arm.data.cam_xmat[camera] = (pose[:3, :3] * (1.0, -1.0, -1.0)).ravel()
