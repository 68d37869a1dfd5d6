"""A WidowX 250s in a scene, stepped without ROS."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.arm.widowx_250s import FINGERS, widowx_250s
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.arm.widowx_mjcf import GRASP, widowx_spec

PREFIX = "arm/"
TIMESTEP = 0.002
_STRIDE = 5  # steps of physics between two set points of the servos


class ArmSimulation:
    """One scene, one arm, lock-step: `advance` lets time pass while the servos follow their target.

    Deterministic for the same scene and targets on one machine.

    Args:
        scene: anything that the arm can be attached to, at its frame `arm` if it has one, else at the origin;
            an empty floor if None.
    """

    def __init__(self, scene: mujoco.MjSpec | None = None) -> None:
        spec = _floor() if scene is None else scene.copy()
        spec.option.timestep = TIMESTEP
        spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
        spec.option.impratio = 10.0  # else what is held slips slowly through the fingers
        frame = next((one for one in spec.frames if one.name == "arm"), None) or spec.worldbody.add_frame()
        spec.attach(widowx_spec(), prefix=PREFIX, frame=frame)
        try:
            self.model = spec.compile()
        except ValueError as error:
            raise CairnError(f"MuJoCo refuses the scene {spec.modelname}: {error}") from error
        self.data = mujoco.MjData(self.model)
        self.arm: ArmModel = widowx_250s()
        joints = [self.model.joint(PREFIX + name) for name in (*self.arm.joint_names, *FINGERS)]
        self._positions = np.array([joint.qposadr[0] for joint in joints])
        self._velocities = np.array([joint.dofadr[0] for joint in joints])
        self._servos = np.array(
            [self.model.actuator(PREFIX + name).id for name in (*self.arm.joint_names, "gripper")]
        )
        # Set points move no faster than the motors turn.
        travel = self.arm.finger(1.0) - self.arm.finger(0.0)
        speeds = [joint.velocity for joint in self.arm.joints] + [travel / 0.5]
        self._stride = np.array(speeds) * _STRIDE * TIMESTEP
        self._gains = self.model.actuator_gainprm.copy(), self.model.actuator_biasprm.copy()
        self._grasp = self.model.site(PREFIX + GRASP).id
        self.reset()

    @property
    def time(self) -> float:
        """Simulated seconds since the reset."""
        return float(self.data.time)

    @property
    def target(self) -> ArmTarget:
        """What the servos follow."""
        return ArmTarget(tuple(self._target[:-1].tolist()), self._opening(self._target[-1]))

    @property
    def grasp_pose(self) -> NDArray[np.float64]:
        """The true pose of the point between the finger tips in the world, shape (4, 4)."""
        pose = np.eye(4)
        pose[:3, :3] = self.data.site_xmat[self._grasp].reshape(3, 3)
        pose[:3, 3] = self.data.site_xpos[self._grasp]
        return pose

    def reset(self, positions: Sequence[float] | None = None, opening: float = 0.5) -> None:
        """Everything as the scene has it, the arm at rest at `positions` [rad] (its neutral ones if None)."""
        mujoco.mj_resetData(self.model, self.data)
        self.set_torque(True)
        stand = np.array([*self.arm.clamp(self.arm.neutral if positions is None else positions), 0.0])
        stand[-1] = self.arm.finger(opening)
        self.data.qpos[self._positions] = [*stand, -stand[-1]]
        self._target, self._set_point = stand.copy(), stand
        self.data.ctrl[self._servos] = stand
        mujoco.mj_forward(self.model, self.data)

    def set_target(self, positions: Sequence[float], opening: float) -> None:
        """Joint positions [rad] within their limits, and the gripper (0 closed, 1 open)."""
        self._target = np.array([*positions, self.arm.finger(opening)])

    def set_torque(self, on: bool) -> None:
        """Whether the motors hold; they take over where the joints stand."""
        self.has_torque = on
        gain, bias = self._gains
        self.model.actuator_gainprm[:] = gain if on else 0.0
        self.model.actuator_biasprm[:] = bias if on else 0.0
        stand = self.data.qpos[self._positions[:-1]]
        self._target, self._set_point = stand.copy(), stand.copy()

    def advance(self, seconds: float) -> None:
        """Let time pass, in whole strides of 10 ms."""
        for _ in range(max(1, round(seconds / (_STRIDE * TIMESTEP)))):
            self._set_point += np.clip(self._target - self._set_point, -self._stride, self._stride)
            self.data.ctrl[self._servos] = self._set_point
            mujoco.mj_step(self.model, self.data, _STRIDE)

    def joint_state(self, stamp: float) -> ArmState:
        """What the motors report."""
        positions = self.data.qpos[self._positions]
        forces = self.data.actuator_force[self._servos]
        greatest = self.model.actuator_forcerange[self._servos[-1], 1]
        return ArmState(
            stamp,
            tuple(positions[:6].tolist()),
            tuple(self.data.qvel[self._velocities[:6]].tolist()),
            tuple(forces[:6].tolist()),
            self._opening(float(positions[6])),
            float(forces[6] / greatest),
            self.has_torque,
        )

    def _opening(self, finger: float) -> float:
        return float(np.clip(self.arm.opening(finger), 0.0, 1.0))


def _floor() -> mujoco.MjSpec:
    spec = mujoco.MjSpec()
    spec.modelname = "floor"
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[2, 2, 0.1], rgba=[0.6, 0.6, 0.6, 1])
    spec.worldbody.add_light(pos=[0, 0, 2], dir=[0, 0, -1])
    return spec
