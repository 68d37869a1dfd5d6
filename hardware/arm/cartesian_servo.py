"""Moves a hand to a pose, a small step at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.arm.kinematics import ArmKinematics, pose_error
from cairn.hardware.errors import CairnError
from cairn.hardware.setting import check_settings, setting


class ServoPhase(Enum):
    """`ARRIVED`: at the pose; `MOVING`; `SLOWED`: near a singular pose; `HOLDING`: it can't go on."""

    ARRIVED = "arrived"
    MOVING = "moving"
    SLOWED = "slowed"
    HOLDING = "holding"


@dataclass(frozen=True)
class ServoStep:
    """What to command now.

    Attributes:
        positions: joint targets [rad].
        phase: see ServoPhase.
        reason: why it holds or is slowed, "" otherwise.
        off, turned: of the commanded hand from the wanted pose [m, rad].
    """

    positions: tuple[float, ...]
    phase: ServoPhase
    reason: str
    off: float
    turned: float


@dataclass(frozen=True)
class ServoSettings:
    """How a hand is moved.  Raises InvalidSetting."""

    period: float = setting("time between two commands [s]", 0.02, minimum=0.002, maximum=0.2, fixed=True)
    speed: float = setting("share of each joint's greatest speed", 0.5, minimum=0.01, maximum=1.0, fixed=True)
    slow_condition: float = setting(
        "condition number from which it slows down", 17.0, minimum=2.0, maximum=1e3, fixed=True
    )
    stop_condition: float = setting(
        "condition number at which it stops", 30.0, minimum=3.0, maximum=1e4, fixed=True
    )
    lead: float = setting(
        "how far a joint's target may be ahead of the joint [rad]",
        0.35,
        minimum=0.02,
        maximum=1.5,
        fixed=True,
    )
    tolerance: float = setting(
        "distance at which the pose counts as reached [m]", 0.002, minimum=1e-4, maximum=0.05, fixed=True
    )
    angular_tolerance: float = setting(
        "angle at which the pose counts as reached [rad]", 0.02, minimum=1e-3, maximum=0.5, fixed=True
    )
    patience: float = setting(
        "time without getting nearer after which it holds [s]", 0.3, minimum=0.05, maximum=5.0, fixed=True
    )

    def __post_init__(self) -> None:
        check_settings(self)


class CartesianServo:
    """From a wanted pose of the hand to joint targets, at a steady rate.

    It plans on the targets it has given, not on the joints, whose sag under load would else make it creep;
    but no target leads its joint by more than `lead`, so that an arm that is held back is not let go like a
    spring.  Near a singular pose it slows down, at one it holds, as it does where it comes no nearer to the
    wanted pose: it then stays until another pose is asked for, and never tries again by itself.
    """

    def __init__(self, kinematics: ArmKinematics, settings: ServoSettings | None = None) -> None:
        self._kinematics = kinematics
        self._settings = settings or ServoSettings()
        self._targets: tuple[float, ...] | None = None
        self._wanted: NDArray[np.float64] | None = None
        self._held = ""
        self._nearest, self._waited = np.inf, 0.0

    @property
    def pose(self) -> NDArray[np.float64]:
        """Of the hand by the targets given, shape (4, 4).  Raises CairnError before `begin`."""
        return self._kinematics.pose(self._begun())

    def begin(self, positions: Sequence[float]) -> None:
        """The arm stands at `positions` [rad]; nothing is wanted yet."""
        self._targets = self._kinematics.arm.clamp(positions)
        self._wanted, self._held = None, ""

    def update(self, positions: Sequence[float], wanted: NDArray[np.float64]) -> ServoStep:
        """The next step towards `wanted`, shape (4, 4), while the joints stand at `positions` [rad].

        Raises CairnError before `begin`, or for a pose that is none.
        """
        targets = self._begun()
        _check_pose(wanted)
        if self._wanted is None or not np.array_equal(wanted, self._wanted):
            self._wanted, self._held = np.array(wanted, float), ""
            self._nearest, self._waited = np.inf, 0.0
        slowed = ""
        if not self._held:
            targets, slowed = self._step(targets, positions)
        self._targets = targets
        off, turned = pose_error(self._kinematics.pose(targets), self._wanted)
        if self._held:
            return ServoStep(targets, ServoPhase.HOLDING, self._held, off, turned)
        if off <= self._settings.tolerance and turned <= self._settings.angular_tolerance:
            return ServoStep(targets, ServoPhase.ARRIVED, "", off, turned)
        self._notice_progress(off, turned, targets)
        if self._held:
            return ServoStep(targets, ServoPhase.HOLDING, self._held, off, turned)
        return ServoStep(targets, ServoPhase.SLOWED if slowed else ServoPhase.MOVING, slowed, off, turned)

    def _begun(self) -> tuple[float, ...]:
        if self._targets is None:
            raise CairnError("the servo must be told where the arm stands: begin() comes before update()")
        return self._targets

    def _step(self, targets: tuple[float, ...], positions: Sequence[float]) -> tuple[tuple[float, ...], str]:
        """The next targets, and why they are nearer than they could be."""
        assert self._wanted is not None
        settings, kinematics = self._settings, self._kinematics
        condition = kinematics.condition(targets)
        near = (condition - settings.slow_condition) / (settings.stop_condition - settings.slow_condition)
        share = 1.0 - 0.9 * min(1.0, max(0.0, near))
        try:
            ahead = kinematics.step(targets, self._wanted, settings.period, share * settings.speed)
        except CairnError as error:
            self._held = str(error)
            return targets, ""
        if condition >= settings.stop_condition and kinematics.condition(ahead) >= condition:
            self._held = (
                f"singular: condition number {condition:.0f}, the most is {settings.stop_condition:.0f}"
            )
            return targets, ""
        where = np.asarray(kinematics.arm.clamp(positions))
        ahead = tuple(np.clip(ahead, where - settings.lead, where + settings.lead).tolist())
        return ahead, f"near a singular pose: condition number {condition:.0f}" if share < 1.0 else ""

    def _notice_progress(self, off: float, turned: float, targets: tuple[float, ...]) -> None:
        """Give up where the hand has come no nearer for a while."""
        left = off + 0.25 * turned
        if left < self._nearest - 1e-5:
            self._nearest, self._waited = left, 0.0
            return
        self._waited += self._settings.period
        if self._waited > self._settings.patience:
            limits = [
                joint.name
                for joint, position in zip(self._kinematics.arm.joints, targets, strict=True)
                if min(position - joint.lower, joint.upper - position) < 0.02
            ]
            at = f", {' and '.join(limits)} at the limit" if limits else ""
            self._held = f"comes no nearer: {off:.3f} m and {turned:.2f} rad off{at}"


def _check_pose(pose: NDArray[np.float64]) -> None:
    good = np.shape(pose) == (4, 4) and bool(np.isfinite(pose).all())
    if not (good and np.allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-3)):
        raise CairnError(
            f"expected a finite pose (4, 4) with a rotation in it, got {np.round(pose, 3).tolist()}"
        )
