"""What hands want of an arm."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from cairn.hardware.episode_action import EpisodeAction


@dataclass(frozen=True)
class ArmHands:
    """Hands at a gamepad, a page or a script, at one look.

    Attributes:
        linear: wanted shares of the top speed along x, y, z of the arm's base, each from -1 to 1.
        angular: wanted shares of the top turn rate, roll, pitch, yaw about those axes, each from -1 to 1.
        opening: of the gripper, absolute: 0 closed, 1 open.
        clutch: held; without it nothing moves, the gripper neither.
        emergency_stop: pressed.
        actions: said about the recording, in order.
    """

    linear: tuple[float, float, float] = (0.0, 0.0, 0.0)
    angular: tuple[float, float, float] = (0.0, 0.0, 0.0)
    opening: float = 1.0
    clutch: bool = False
    emergency_stop: bool = False
    actions: tuple[EpisodeAction, ...] = ()

    @property
    def is_finite(self) -> bool:
        return all(isfinite(value) for value in (*self.linear, *self.angular, self.opening))
