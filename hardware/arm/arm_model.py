"""What an arm is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from cairn.hardware.arm.arm_state import ArmTarget
from cairn.hardware.errors import CairnError


@dataclass(frozen=True)
class ArmJoint:
    """One revolute joint: limits of position [rad], speed [rad/s] and effort [N·m].  Raises CairnError."""

    name: str
    lower: float
    upper: float
    velocity: float
    effort: float

    def __post_init__(self) -> None:
        if not (isfinite(self.lower) and isfinite(self.upper) and self.lower < self.upper):
            raise CairnError(f"joint {self.name}: expected lower < upper, got {self.lower}, {self.upper} rad")
        for name in ("velocity", "effort"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise CairnError(f"joint {self.name}: expected a positive limit of {name}, got {value}")


@dataclass(frozen=True)
class ArmModel:
    """The joints from base to wrist, and the gripper.

    Attributes:
        name: e.g. "wx250s".
        joints: in the order of all positions, velocities and efforts.
        closed, opened: distance between the fingers [m].
        neutral: positions at which the arm may wait: clear of table and itself, away from singularities.
    """

    name: str
    joints: tuple[ArmJoint, ...]
    closed: float
    opened: float
    neutral: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.closed < self.opened:
            raise CairnError(
                f"{self.name}: expected 0 <= closed < opened, got {self.closed}, {self.opened} m"
            )
        self.check(self.neutral)

    @property
    def joint_names(self) -> tuple[str, ...]:
        return tuple(joint.name for joint in self.joints)

    def finger(self, opening: float) -> float:
        """Way of one finger from the middle [m] at an opening (0 closed, 1 open)."""
        return 0.5 * (self.closed + opening * (self.opened - self.closed))

    def opening(self, finger: float) -> float:
        """The inverse of `finger`."""
        return (2 * finger - self.closed) / (self.opened - self.closed)

    def target(self, positions: Sequence[float], opening: float) -> ArmTarget:
        """What may be asked for, each value within its limits.  Raises CairnError unless all are finite."""
        clamped = self.clamp(positions)
        if not isfinite(opening):
            raise CairnError(
                f"the gripper of {self.name} needs a finite opening, 0 closed to 1 open; got {opening}"
            )
        return ArmTarget(clamped, max(0.0, min(1.0, float(opening))))

    def clamp(self, positions: Sequence[float]) -> tuple[float, ...]:
        """Each position within the limits of its joint.  Raises CairnError where `check_finite` does."""
        self.check_finite(positions)
        return tuple(
            max(joint.lower, min(joint.upper, float(position)))
            for joint, position in zip(self.joints, positions, strict=True)
        )

    def check_finite(self, positions: Sequence[float]) -> None:
        """Raises CairnError unless there is one finite number for each joint."""
        if len(positions) != len(self.joints) or not all(isfinite(position) for position in positions):
            raise CairnError(
                f"{self.name} has {len(self.joints)} joints, each needs a finite position [rad]; "
                f"got {list(positions)}"
            )

    def check(self, positions: Sequence[float]) -> None:
        """Raises CairnError unless each position is finite and within the limits of its joint."""
        self.check_finite(positions)
        for joint, position in zip(self.joints, positions, strict=True):
            if not joint.lower <= position <= joint.upper:
                raise CairnError(
                    f"{self.name}: {joint.name} can't stand at {position:.3f} rad; "
                    f"valid is {joint.lower:.3f} to {joint.upper:.3f}"
                )
