"""Where an arm is, and where it was told to go."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ArmTarget:
    """What an arm was told: joint positions [rad] and the opening of its gripper (0 closed, 1 open)."""

    positions: tuple[float, ...]
    opening: float


@dataclass(frozen=True)
class ArmState:
    """One look at all joints, in the order of the model.

    Attributes:
        stamp: when the joints stood so, in seconds on the driver's clock.
        positions: [rad].
        velocities: [rad/s].
        efforts: [N·m], by the motors' own account; positive pushes towards greater positions.
        opening: of the gripper as measured: 0 closed, 1 open.
        grip: share of the gripper's greatest effort in [-1, 1]; positive opens.
        has_torque: whether the motors hold the arm; without, it falls.
        faults: what the motors complain of, e.g. "shoulder: overload"; such an arm follows no more.
    """

    stamp: float
    positions: tuple[float, ...]
    velocities: tuple[float, ...]
    efforts: tuple[float, ...]
    opening: float
    grip: float = 0.0
    has_torque: bool = True
    faults: tuple[str, ...] = ()
