"""From joint positions to the hand's pose, and back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.arm.arm_model import ArmModel
from cairn.hardware.errors import CairnError
from cairn.hardware.opengl import choose_backend

# Nothing is drawn here, but whoever draws later in this process needs the backend chosen by now.
with suppress(CairnError):
    choose_backend()

import mink
import mujoco

_LEVER = 0.25  # [m] at which a radian is worth as much as the metres it moves
_DAMPING = 1e-3
_TRIES, _TRY = 200, 0.1  # steps of a solution, and what each may take of the way [s at full speed]


@dataclass(frozen=True)
class Reach:
    """Joint positions for a wanted pose, and how near they come: `off` [m] and `turned` [rad] from it."""

    positions: tuple[float, ...]
    off: float
    turned: float


class ArmKinematics:
    """Forward and inverse kinematics of one arm, within its limits of position and speed.

    Poses are homogeneous matrices (4, 4) of a frame of the hand in the arm's base frame [m].  The inverse is
    differential: a quadratic programme a step, by mink (Zakka et al.), damped where the arm is nearly
    singular.

    Args:
        arm: joints in order, with their limits.
        urdf: the description, with a root link that is the base frame.
        hand: name of the link whose pose is meant.
    """

    def __init__(self, arm: ArmModel, urdf: str, hand: str) -> None:
        self.arm = arm
        spec = mujoco.MjSpec.from_string(urdf)
        spec.compiler.fusestatic = False
        spec.compiler.discardvisual = True
        for geom in spec.geoms:  # only frames count here
            spec.delete(geom)
        chain = set(arm.joint_names)
        for joint in [joint for joint in spec.joints if joint.name not in chain]:
            spec.delete(joint)
        for equality in list(spec.equalities):
            spec.delete(equality)
        model = spec.compile()
        names = tuple(model.joint(index).name for index in range(model.njnt))
        if names != arm.joint_names:
            raise CairnError(
                f"the description of {arm.name} has the joints {names}, expected {arm.joint_names}"
            )
        for joint, limits in zip(names, arm.joints, strict=True):
            model.joint(joint).range[:] = limits.lower, limits.upper
        self._configuration = mink.Configuration(model)
        self._hand = model.body(hand).id
        self._task = mink.FrameTask(hand, "body", position_cost=1.0, orientation_cost=_LEVER, lm_damping=1e-4)
        self._bounds = mink.ConfigurationLimit(model, gain=0.95)

    def pose(self, positions: Sequence[float]) -> NDArray[np.float64]:
        """The hand's pose, shape (4, 4), at joint positions [rad]."""
        self.arm.check_finite(positions)
        self._configuration.update(np.asarray(positions, float))
        data = self._configuration.data
        pose = np.eye(4)
        pose[:3, :3] = data.xmat[self._hand].reshape(3, 3)
        pose[:3, 3] = data.xpos[self._hand]
        return pose

    def condition(self, positions: Sequence[float]) -> float:
        """How unevenly the hand can move there: 1 best, infinite where a direction is lost."""
        self.pose(positions)
        model, data = self._configuration.model, self._configuration.data
        jacobian = np.zeros((6, model.nv))
        mujoco.mj_jacBody(model, data, jacobian[:3], jacobian[3:], self._hand)
        jacobian[3:] *= _LEVER
        return float(np.linalg.cond(jacobian))

    def step(
        self, positions: Sequence[float], wanted: NDArray[np.float64], seconds: float, speed: float = 1.0
    ) -> tuple[float, ...]:
        """Joint positions after the next `seconds` on the way to the `wanted` pose of the hand.

        No joint leaves its limits, nor is faster than the share `speed` of its own.  Raises CairnError when
        there is no such step, as where a joint is outside its limits already.
        """
        start = np.asarray(self.arm.clamp(positions))
        self._configuration.update(start)
        self._task.set_target(mink.SE3.from_matrix(np.asarray(wanted, float)))
        fastest = {joint.name: np.array([max(1e-6, speed * joint.velocity)]) for joint in self.arm.joints}
        limits = [self._bounds, mink.VelocityLimit(self._configuration.model, fastest)]
        try:
            velocity = mink.solve_ik(
                self._configuration, [self._task], seconds, "daqp", damping=_DAMPING, limits=limits
            )
        except mink.MinkError as error:
            raise CairnError(f"{self.arm.name}: no step towards the wanted pose: {error}") from error
        return self.arm.clamp((start + velocity * seconds).tolist())

    def reach(self, wanted: NDArray[np.float64], start: Sequence[float]) -> Reach:
        """Joint positions whose hand is at the `wanted` pose, or as near as may be.

        `start` [rad] decides which of several, and where the search gets stuck.
        """
        positions = self.arm.clamp(start)
        for _ in range(_TRIES):
            ahead = self.step(positions, wanted, _TRY)
            moved = float(np.abs(np.subtract(ahead, positions)).max())
            positions = ahead
            if moved < 1e-6:
                break
        off, turned = pose_error(self.pose(positions), wanted)
        return Reach(positions, off, turned)


def pose_error(pose: NDArray[np.float64], wanted: NDArray[np.float64]) -> tuple[float, float]:
    """How far [m] and by what angle [rad] two poses (4, 4) differ."""
    turn = pose[:3, :3].T @ wanted[:3, :3]
    cosine = np.clip((np.trace(turn) - 1) / 2, -1, 1)
    return float(np.linalg.norm(pose[:3, 3] - wanted[:3, 3])), float(np.arccos(cosine))
