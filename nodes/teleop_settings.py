"""What the teleop node can be told."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.gamepad_mapping import GamepadMapping
from cairn.hardware.setting import setting
from cairn.hardware.teleop.joy_mapping import JoyMapping
from cairn.hardware.teleop.speeds import TeleopSpeeds
from cairn.nodes.hands_settings import DPAD, HandsSettings, control_setting, index_setting


@dataclass(frozen=True)
class TeleopSettings(HandsSettings):
    """How fast a base is driven, and which button does what.

    The speeds can be changed while it runs.  Raises InvalidSetting.
    """

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
    base_frame: str = setting("frame of commands", "base_link", fixed=True)
    gamepad_forward: str = control_setting("axis that drives", "ABS_Y")
    gamepad_turn: str = control_setting("axis that turns", "ABS_RX")
    gamepad_deadman: str = control_setting("deadman", "BTN_TL")
    gamepad_turbo: str = control_setting("turbo button (empty: none)", "BTN_TR")
    gamepad_emergency_stop: str = control_setting("emergency stop", "BTN_EAST")
    gamepad_arm: str = control_setting("arm button (empty: none)", "BTN_MODE")
    gamepad_start: str = control_setting(f"START ({DPAD})", "BTN_START")
    gamepad_keep: str = control_setting(f"KEEP ({DPAD})", "BTN_SOUTH")
    gamepad_discard: str = control_setting(f"DISCARD ({DPAD})", "BTN_SELECT")
    gamepad_success: str = control_setting(f"SUCCESS ({DPAD})", "ABS_HAT0Y-")
    gamepad_failure: str = control_setting(f"FAILURE ({DPAD})", "ABS_HAT0Y+")
    gamepad_intervention: str = control_setting(f"INTERVENTION ({DPAD})", "ABS_HAT0X-")
    gamepad_mark: str = control_setting(f"MARK ({DPAD})", "ABS_HAT0X+")
    joy_forward: int = index_setting("axis that drives", 1, 0)
    joy_turn: int = index_setting("axis that turns", 2, 0)
    joy_deadman: int = index_setting("deadman button", 9, 0)
    joy_turbo: int = index_setting("turbo button", 10)
    joy_emergency_stop: int = index_setting("emergency stop button", 1, 0)
    joy_arm: int = index_setting("arm button", 5)
    joy_start: int = index_setting("START button", 6)
    joy_keep: int = index_setting("KEEP button", 0)
    joy_discard: int = index_setting("DISCARD button", 4)
    joy_success: int = index_setting("SUCCESS button", 11)
    joy_failure: int = index_setting("FAILURE button", 12)
    joy_intervention: int = index_setting("INTERVENTION button", 13)
    joy_mark: int = index_setting("MARK button", 14)

    @property
    def speeds(self) -> TeleopSpeeds:
        return TeleopSpeeds(
            self.linear_speed, self.angular_speed, self.turbo_linear_speed, self.turbo_angular_speed
        )

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
