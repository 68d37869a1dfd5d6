"""What the teleop node can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.gamepad_mapping import GamepadMapping
from cairn.hardware.setting import check_settings, setting
from cairn.hardware.stick_curve import StickCurve
from cairn.hardware.teleop.joy_mapping import JoyMapping
from cairn.hardware.teleop.speeds import TeleopSpeeds
from cairn.nodes.single_instance import DISCOVERY_TIME

_DPAD = "button, or an axis of the D-pad and the sign of its end; empty: none"


def _control(what: str, default: str) -> Any:
    return setting(f"{what} of the gamepad, as evtest calls it", default, fixed=True)


def _index(what: str, default: int, minimum: int = -1) -> Any:
    none = "; -1: none" if minimum < 0 else ""
    return setting(f"index in Joy of the {what}{none}", default, minimum=minimum, maximum=63, fixed=True)


@dataclass(frozen=True)
class TeleopSettings:
    """Who may drive, how fast, and which button does what.

    The speeds, the task and the operator's name can be changed while it runs.  Raises InvalidSetting.
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
    takeover: str = setting(
        "what takes the robot from a policy: the deadman, or a stick while the deadman is held",
        "deadman",
        choices=("deadman", "stick"),
        fixed=True,
    )
    idle: str = setting(
        "what the gate gets while nobody drives: zero, or nothing where the gate has no deadman and a policy"
        " must be able to drive",
        "zero",
        choices=("zero", "nothing"),
        fixed=True,
    )
    linear_speed: float = setting("top speed [m/s]", 0.5, minimum=0.01, maximum=5.0)
    angular_speed: float = setting("top turn rate [rad/s]", 0.6, minimum=0.01, maximum=10.0)
    turbo_linear_speed: float = setting("top speed with turbo held [m/s]", 1.0, minimum=0.01, maximum=5.0)
    turbo_angular_speed: float = setting(
        "top turn rate with turbo held [rad/s]", 1.0, minimum=0.01, maximum=10.0
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
    base_frame: str = setting("frame of commands", "base_link", fixed=True)
    gamepad_forward: str = _control("axis that drives", "ABS_Y")
    gamepad_turn: str = _control("axis that turns", "ABS_RX")
    gamepad_deadman: str = _control("deadman", "BTN_TL")
    gamepad_turbo: str = _control("turbo button (empty: none)", "BTN_TR")
    gamepad_emergency_stop: str = _control("emergency stop", "BTN_EAST")
    gamepad_arm: str = _control("arm button (empty: none)", "BTN_MODE")
    gamepad_start: str = _control(f"START ({_DPAD})", "BTN_START")
    gamepad_keep: str = _control(f"KEEP ({_DPAD})", "BTN_SOUTH")
    gamepad_discard: str = _control(f"DISCARD ({_DPAD})", "BTN_SELECT")
    gamepad_success: str = _control(f"SUCCESS ({_DPAD})", "ABS_HAT0Y-")
    gamepad_failure: str = _control(f"FAILURE ({_DPAD})", "ABS_HAT0Y+")
    gamepad_intervention: str = _control(f"INTERVENTION ({_DPAD})", "ABS_HAT0X-")
    gamepad_mark: str = _control(f"MARK ({_DPAD})", "ABS_HAT0X+")
    joy_forward: int = _index("axis that drives", 1, 0)
    joy_turn: int = _index("axis that turns", 2, 0)
    joy_deadman: int = _index("deadman button", 9, 0)
    joy_turbo: int = _index("turbo button", 10)
    joy_emergency_stop: int = _index("emergency stop button", 1, 0)
    joy_arm: int = _index("arm button", 5)
    joy_start: int = _index("START button", 6)
    joy_keep: int = _index("KEEP button", 0)
    joy_discard: int = _index("DISCARD button", 4)
    joy_success: int = _index("SUCCESS button", 11)
    joy_failure: int = _index("FAILURE button", 12)
    joy_intervention: int = _index("INTERVENTION button", 13)
    joy_mark: int = _index("MARK button", 14)

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def speeds(self) -> TeleopSpeeds:
        return TeleopSpeeds(
            self.linear_speed, self.angular_speed, self.turbo_linear_speed, self.turbo_angular_speed
        )

    @property
    def curve(self) -> StickCurve:
        return StickCurve(self.dead_zone, self.exponent)

    @property
    def gamepad_mapping(self) -> GamepadMapping:
        return GamepadMapping(
            forward=self.gamepad_forward,
            turn=self.gamepad_turn,
            deadman=self.gamepad_deadman,
            emergency_stop=self.gamepad_emergency_stop,
            turbo=self.gamepad_turbo,
            arm=self.gamepad_arm,
            actions={action: getattr(self, f"gamepad_{action.word}") for action in EpisodeAction},
        )

    @property
    def joy_mapping(self) -> JoyMapping:
        return JoyMapping(
            forward=self.joy_forward,
            turn=self.joy_turn,
            deadman=self.joy_deadman,
            emergency_stop=self.joy_emergency_stop,
            turbo=self.joy_turbo,
            arm=self.joy_arm,
            actions={action: getattr(self, f"joy_{action.word}") for action in EpisodeAction},
        )
