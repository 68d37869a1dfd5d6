"""What an operator's hands do with an arm."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.hand_state import HandState


@dataclass(frozen=True, kw_only=True)
class ArmPadState(HandState):
    """The deadman is the clutch.

    Attributes:
        linear: wanted shares of the top speed along x, y, z of the arm's base, each from -1 to 1.
        angular: wanted shares of the top turn rate, roll, pitch, yaw about those axes, each from -1 to 1.
        opening: wanted of the gripper, 0 closed, 1 open; None: as it was told before.
        toggle: the button that opens a closed gripper, and closes an open one, is held.
    """

    linear: tuple[float, float, float] = (0.0, 0.0, 0.0)
    angular: tuple[float, float, float] = (0.0, 0.0, 0.0)
    opening: float | None = None
    toggle: bool = False
