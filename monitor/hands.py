"""What a person at the page does with the hands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HandMotion:
    """What is wanted of the hand of an arm.

    Attributes:
        linear: shares of the top speed along x, y, z of the arm's base, each from -1 to 1.
        angular: shares of the top turn rate, roll, pitch, yaw about those axes, each from -1 to 1.
        opening: of the gripper, 0 closed, 1 open; None: as it was told before.
    """

    linear: tuple[float, float, float] = (0.0, 0.0, 0.0)
    angular: tuple[float, float, float] = (0.0, 0.0, 0.0)
    opening: float | None = None


@dataclass(frozen=True)
class Hands:
    """One look at sticks and buttons; the default is hands off.

    Attributes:
        forward: wanted share of the top speed, from -1 (back) to 1.
        turn: wanted share of the top turn rate, from -1 (right) to 1 (left).
        deadman: held.
        turbo: held: the faster of the two speeds.
        emergency_stop: pressed.
        lost: the deadman went out of sight while it was held, which is no letting go.
        hand: what is wanted of an arm, whose clutch the deadman is; None while hands drive a base.
    """

    forward: float = 0.0
    turn: float = 0.0
    deadman: bool = False
    turbo: bool = False
    emergency_stop: bool = False
    lost: bool = False
    hand: HandMotion | None = None
