"""What a scripted operator can do."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.hardware.teleop.hands import Hands

LONGEST = 86400.0
"""Of one step [s]."""
AWAITED = ("recorder", "gate", "teleop", "odometry", "arm")
"""Who can be waited for."""


class ScriptError(CairnError):
    """A script is not as it must be, or can't go on."""


def _check_duration(name: str, value: float) -> None:
    if not (isfinite(value) and 0 < value <= LONGEST):
        raise ScriptError(f"{name}: expected seconds above 0 and up to {LONGEST:g}, got {value}")


@dataclass(frozen=True)
class Drive:
    """Hold the deadman and the sticks for `duration` seconds of ROS time."""

    duration: float
    hands: Hands | ArmInput

    def __post_init__(self) -> None:
        _check_duration("for", self.duration)


@dataclass(frozen=True)
class Release:
    """Let go of everything for `duration` seconds of ROS time."""

    duration: float

    def __post_init__(self) -> None:
        _check_duration("release", self.duration)


@dataclass(frozen=True)
class PressEmergencyStop:
    """Hold the emergency stop for `duration` seconds of ROS time."""

    duration: float

    def __post_init__(self) -> None:
        _check_duration("emergency_stop", self.duration)


@dataclass(frozen=True)
class Arm:
    """Arm the gate; a refusal ends the script."""


@dataclass(frozen=True)
class Label:
    """Say something about an episode; a refusal ends the script."""

    action: EpisodeAction
    episode: str = ""
    task: str = ""
    operator: str = ""
    note: str = ""


@dataclass(frozen=True)
class WaitFor:
    """Wait until somebody is ready, for `within` seconds of real time at most."""

    who: str
    within: float = 60.0

    def __post_init__(self) -> None:
        if self.who not in AWAITED:
            raise ScriptError(f"wait_for: expected one of {', '.join(AWAITED)}, got {self.who!r}")
        _check_duration("within", self.within)


Step = Drive | Release | PressEmergencyStop | Arm | Label | WaitFor
