"""What the arm's gate decided at one tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.hardware.arm.arm_state import ArmTarget
from cairn.hardware.arm.cartesian_servo import ServoPhase
from cairn.hardware.gate.fault import Cause
from cairn.hardware.gate.verdict import GateState


@dataclass(frozen=True)
class ArmVerdict:
    """One tick.

    Attributes:
        state: `DRIVING`: the hand goes to its target or stands there; `STOPPED`, `LATCHED`: it holds.
        cause: what stops the arm, `NONE` while it does not.
        reason: the same in words, or why the hand can't go on or is slowed; "" otherwise.
        source: whose step was taken last, "" for nobody's.
        command: joint targets and gripper for the arm; None before its joints were seen, and once an arm
            that must hold was told so.
        target: pose of the hand that is gone to, shape (4, 4), in the arm's base frame; None likewise.
        phase: how the hand does.
        is_limited: the last step was cut, to keep it slow enough or the hand in its workspace.
    """

    state: GateState
    cause: Cause
    reason: str
    source: str
    command: ArmTarget | None
    target: NDArray[np.float64] | None
    phase: ServoPhase
    is_limited: bool
