"""What a person at the page does with the hands."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    forward: float = 0.0
    turn: float = 0.0
    deadman: bool = False
    turbo: bool = False
    emergency_stop: bool = False
    lost: bool = False
