"""Notices a joint that pushes too hard for too long."""

from __future__ import annotations

from collections.abc import Sequence

from cairn.hardware.arm.arm_model import ArmModel


class EffortWatch:
    """Fed with every joint state; times are monotonic seconds.

    Args:
        share: of a joint's greatest effort.
        lasting: how long it must be exceeded without a break [s].
    """

    def __init__(self, arm: ArmModel, share: float, lasting: float) -> None:
        self._arm = arm
        self._share = share
        self._lasting = lasting
        self._since: dict[str, float] = {}

    def update(self, efforts: Sequence[float], now: float) -> str | None:
        """Efforts [N·m] in the order of the joints; returns which joint pushes too hard, and how hard."""
        for joint, effort in zip(self._arm.joints, efforts, strict=True):
            if abs(effort) < self._share * joint.effort:
                self._since.pop(joint.name, None)
            elif now - self._since.setdefault(joint.name, now) >= self._lasting:
                return f"{joint.name} pushes with {abs(effort):.1f} of {joint.effort:.1f} N·m"
        return None
