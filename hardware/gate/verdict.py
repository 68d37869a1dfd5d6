"""What the gate decided at one tick."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from cairn.hardware.gate.fault import Cause
from cairn.hardware.twist import Twist


class GateState(IntEnum):
    """The numbers are those of cairn_interfaces/GateStatus."""

    STOPPED = 0
    DRIVING = 1
    LATCHED = 2


@dataclass(frozen=True)
class Verdict:
    """One tick.

    Attributes:
        state: what happens.
        cause: what stops the robot, `NONE` while driving.
        reason: the same in words; "" while driving.
        source: who drives, "" for nobody.
        requested: what the source asked for (zero when nobody drives).
        commanded: what goes to the base.
    """

    state: GateState
    cause: Cause
    reason: str
    source: str
    requested: Twist
    commanded: Twist

    @property
    def is_limited(self) -> bool:
        """Whether the command differs from what was asked for."""
        return self.commanded != self.requested
