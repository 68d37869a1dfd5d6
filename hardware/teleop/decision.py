"""What comes of all hands that drive a base, at one look."""

from __future__ import annotations

from dataclasses import dataclass, field

from cairn.hardware.teleop.look import Look
from cairn.hardware.twist import Twist


@dataclass(frozen=True, kw_only=True)
class TeleopDecision(Look):
    """One look.

    Attributes:
        turbo: at the faster speed.
        twist: wanted.
        drives: whether the twist is to go out, which may be zero where nobody drives.
    """

    turbo: bool = False
    twist: Twist = field(default_factory=Twist)
    drives: bool = False
