"""What every node of teleoperation can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cairn.hardware.setting import check_settings, setting
from cairn.hardware.stick_curve import StickCurve
from cairn.nodes.single_instance import DISCOVERY_TIME

DPAD = "button, or an axis of the D-pad and the sign of its end; empty: none"


def control_setting(what: str, default: str) -> Any:
    """A button or axis of an event device."""
    return setting(f"{what} of the gamepad, as evtest calls it", default, fixed=True)


def index_setting(what: str, default: int, minimum: int = -1) -> Any:
    """A button or axis of Joy."""
    none = "; -1: none" if minimum < 0 else ""
    return setting(f"index in Joy of the {what}{none}", default, minimum=minimum, maximum=63, fixed=True)


@dataclass(frozen=True)
class HandsSettings:
    """Who may drive, and what counts as a sign of life.

    The task and the operator's name can be changed while it runs.  Raises InvalidSetting.
    """

    controllers: tuple[str, ...] = setting(
        "who may drive; of two that press at the same moment, the first named",
        ("gamepad", "joy", "operator"),
        choices=("gamepad", "joy", "operator"),
        fixed=True,
    )
    discovery_time: float = setting(
        "how long to look for another teleop node at start, before this one speaks [s]",
        DISCOVERY_TIME,
        minimum=0.0,
        maximum=10.0,
        fixed=True,
    )
    gamepad: str = setting(
        "the gamepad's name, unique id or path; any: the first that has what is needed", "any", fixed=True
    )
    dead_zone: float = setting(
        "deflection of a stick that counts as rest", 0.1, minimum=0.0, maximum=0.9, fixed=True
    )
    exponent: float = setting(
        "bend of the sticks' curve; 0: straight", 1.5, minimum=0.0, maximum=10.0, fixed=True
    )
    silence_limit: float = setting(
        "how long a stick may stand between rest and stop without a sign of life, before the radio counts"
        " as lost [s]",
        0.4,
        minimum=0.05,
        maximum=2.0,
        fixed=True,
    )
    joy_timeout: float = setting(
        "longest silence of joy, whose sender must repeat itself [s]",
        0.3,
        minimum=0.05,
        maximum=2.0,
        fixed=True,
    )
    operator_timeout: float = setting(
        "longest time without a fresh message of an operator's page or script [s]",
        0.2,
        minimum=0.05,
        maximum=2.0,
        fixed=True,
    )
    operator_max_age: float = setting(
        "oldest stamp of such a message [s]", 0.3, minimum=0.02, maximum=5.0, fixed=True
    )
    future_tolerance: float = setting(
        "how far its stamp may be ahead of the clock [s]", 0.1, minimum=0.0, maximum=2.0, fixed=True
    )
    emergency_stop_hold: float = setting(
        "how long a tap on the emergency stop is published at least [s]",
        0.5,
        minimum=0.1,
        maximum=5.0,
        fixed=True,
    )
    emergency_stop_steady: bool = setting(
        "whether to publish the released emergency stop too, for a gate that waits for it",
        False,
        fixed=True,
    )
    arm_hold: float = setting(
        "how long the arm button must be held [s]", 1.0, minimum=0.2, maximum=10.0, fixed=True
    )
    label_interventions: bool = setting(
        "whether taking over from a policy is told the recorder while an episode is under way",
        True,
        fixed=True,
    )
    task: str = setting("of episodes that are started by a button", "")
    operator_name: str = setting("of who labels them", "")
    rate: float = setting("looks at the hands per second", 50.0, minimum=20.0, maximum=200.0, fixed=True)
    realtime_priority: int = setting(
        "SCHED_FIFO priority to ask the system for; 0: ordinary scheduling",
        5,
        minimum=0,
        maximum=98,
        fixed=True,
    )

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def curve(self) -> StickCurve:
        return StickCurve(self.dead_zone, self.exponent)
