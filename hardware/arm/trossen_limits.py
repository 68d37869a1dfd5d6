"""The limits that a WidowX AI was set up with, beside those that its maker publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from cairn.hardware.arm.arm_model import ArmJoint, ArmModel
from cairn.hardware.arm.arm_state import ArmState, ArmTarget
from cairn.hardware.errors import CairnError

# Linear interpolation of the vendor's library ends here, quintic polynomials begin [s].
_LINEAR_UP_TO = 0.2
_SHORTEST = 0.02
# A quintic polynomial from rest to rest is this much faster in its middle than on average.
_QUINTIC_PEAK = 1.875
# The controller goes into an error when a joint is faster than its limit, so stay away from it.
_SHARE = 0.8


@dataclass(frozen=True)
class TrossenLimits:
    """What holds for one robot.

    Attributes:
        model: the published one, with the stricter limits of both.
        velocities: of the joints [rad/s] and the gripper [m/s].
        grip: greatest effort of the gripper [N].
    """

    model: ArmModel
    velocities: tuple[float, ...]
    grip: float

    def goal_time(self, state: ArmState, target: ArmTarget, period: float) -> float:
        """How long the vendor's library shall take from a state to a target [s].

        A stream of near targets takes its own period, so that it flows; a far one takes as long as the
        slowest joint needs.

        Args:
            state: where the arm is.
            target: where it goes.
            period: since the target before [s].
        """
        distances = [
            *(abs(goal - at) for goal, at in zip(target.positions, state.positions, strict=True)),
            abs(self.model.finger(target.opening) - self.model.finger(state.opening)),
        ]
        needed = max(
            distance / (_SHARE * velocity)
            for distance, velocity in zip(distances, self.velocities, strict=True)
        )
        if needed <= _LINEAR_UP_TO:
            return max(needed, min(max(period, _SHORTEST), _LINEAR_UP_TO))
        return _QUINTIC_PEAK * needed


def stricter_limits(
    published: ArmModel, limits: Sequence[Any], corrections: Sequence[float]
) -> TrossenLimits:
    """The stricter of what is published and what a robot was set up with.

    Args:
        published: the model.
        limits: the vendor's `JointLimit` of each joint and of the gripper.
        corrections: of each joint's effort; the published effort counts in the motors' own unit, the
            driver's is that divided by this.

    Raises CairnError when the robot has other joints, or none of their range is left.
    """
    if len(limits) != len(published.joints) + 1 or len(corrections) != len(limits):
        raise CairnError(
            f"{published.name}: expected limits of {len(published.joints)} joints and a gripper, "
            f"got {len(limits)} and {len(corrections)} corrections"
        )
    *arm, gripper = limits
    for index, limit in enumerate(limits):
        values = (limit.position_min, limit.position_max, limit.velocity_max, limit.effort_max)
        if not all(isfinite(value) for value in values) or min(values[2:]) <= 0:
            raise CairnError(f"{published.name}: joint {index} of the robot has the limits {values}")
    joints = tuple(
        _stricter(joint, limit, correction)
        for joint, limit, correction in zip(published.joints, arm, corrections[:-1], strict=True)
    )
    model = replace(
        published,
        joints=joints,
        closed=max(published.closed, 2 * gripper.position_min),
        opened=min(published.opened, 2 * gripper.position_max),
    )
    return TrossenLimits(
        model, (*(joint.velocity for joint in joints), gripper.velocity_max), gripper.effort_max
    )


def _stricter(joint: ArmJoint, limit: Any, correction: float) -> ArmJoint:
    return ArmJoint(
        joint.name,
        max(joint.lower, limit.position_min),
        min(joint.upper, limit.position_max),
        min(joint.velocity, limit.velocity_max),
        min(joint.effort / max(correction, 1e-6), limit.effort_max),
    )
