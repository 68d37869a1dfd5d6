"""Set points that approach a target no faster than the joints may turn."""

from __future__ import annotations

from collections.abc import Sequence

from cairn.hardware.arm.arm_model import ArmModel

LONGEST_STRIDE = 0.05
"""Time that one stride makes up for [s]: who comes late must not leap."""


class JointRamp:
    """Between targets as far apart as anybody likes and motors that go to each at once.

    Args:
        positions: where the arm stands [rad].
    """

    def __init__(self, model: ArmModel, positions: Sequence[float]) -> None:
        self._model = model
        self._set_point = self._target = model.clamp(positions)

    @property
    def set_point(self) -> tuple[float, ...]:
        """What the motors were told last [rad]."""
        return self._set_point

    def stay(self, positions: Sequence[float]) -> None:
        """The arm stands, or is to stand, at `positions` [rad]."""
        self._set_point = self._target = self._model.clamp(positions)

    def aim(self, target: Sequence[float]) -> None:
        """Where to go [rad], from the set point that is."""
        self._target = self._model.clamp(target)

    def advance(self, seconds: float) -> tuple[float, ...] | None:
        """The set point [rad] after `seconds`; None where it is at the target already."""
        if self._set_point == self._target:
            return None
        seconds = min(seconds, LONGEST_STRIDE)
        self._set_point = tuple(
            at + max(-joint.velocity * seconds, min(joint.velocity * seconds, to - at))
            for joint, at, to in zip(self._model.joints, self._set_point, self._target, strict=True)
        )
        return self._set_point
