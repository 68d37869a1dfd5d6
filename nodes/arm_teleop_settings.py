"""What the arm_teleop node can be told."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.setting import setting
from cairn.hardware.teleop.arm_joy_mapping import ArmJoyMapping
from cairn.hardware.teleop.arm_pad_mapping import ArmPadMapping
from cairn.hardware.teleop.hand_speeds import HandSpeeds
from cairn.nodes.hands_settings import DPAD, HandsSettings, control_setting, index_setting

_STICKS = ("x", "y", "pitch", "yaw")
_ACTIONS = tuple(action for action in EpisodeAction if action is not EpisodeAction.INTERVENTION)


@dataclass(frozen=True)
class ArmTeleopSettings(HandsSettings):
    """How fast the hand of an arm is moved, and which button does what.

    The speeds can be changed while it runs.  Raises InvalidSetting.
    """

    linear_speed: float = setting(
        "top speed of the hand [m/s]; the gate allows Bridge's .25", 0.15, minimum=0.005, maximum=1.0
    )
    angular_speed: float = setting(
        "top turn rate of the hand [rad/s]; the gate allows Bridge's 1.25", 0.8, minimum=0.05, maximum=6.0
    )
    gamepad_x: str = control_setting("axis that moves the hand away", "ABS_Y")
    gamepad_y: str = control_setting("axis that moves it sideways", "ABS_X")
    gamepad_up: str = control_setting("trigger that lifts it (empty: none)", "ABS_RZ")
    gamepad_down: str = control_setting("trigger that lowers it (empty: none)", "ABS_Z")
    gamepad_roll: str = control_setting("axis of the D-pad that rolls it (empty: none)", "ABS_HAT0X")
    gamepad_pitch: str = control_setting("axis that pitches it", "ABS_RY")
    gamepad_yaw: str = control_setting("axis that turns it", "ABS_RX")
    gamepad_gripper: str = control_setting("gripper button (empty: none)", "BTN_TR")
    gamepad_deadman: str = control_setting("clutch", "BTN_TL")
    gamepad_emergency_stop: str = control_setting("emergency stop", "BTN_EAST")
    gamepad_arm: str = control_setting("button that arms the gate (empty: none)", "BTN_MODE")
    gamepad_start: str = control_setting(f"START ({DPAD})", "BTN_START")
    gamepad_keep: str = control_setting(f"KEEP ({DPAD})", "BTN_SOUTH")
    gamepad_discard: str = control_setting(f"DISCARD ({DPAD})", "BTN_SELECT")
    gamepad_success: str = control_setting(f"SUCCESS ({DPAD})", "ABS_HAT0Y-")
    gamepad_failure: str = control_setting(f"FAILURE ({DPAD})", "ABS_HAT0Y+")
    gamepad_mark: str = control_setting(f"MARK ({DPAD})", "BTN_THUMBL")
    joy_x: int = index_setting("axis that moves the hand away", 1, 0)
    joy_y: int = index_setting("axis that moves it sideways", 0, 0)
    joy_pitch: int = index_setting("axis that pitches it", 3, 0)
    joy_yaw: int = index_setting("axis that turns it", 2, 0)
    joy_up: int = index_setting("trigger that lifts it", 5)
    joy_down: int = index_setting("trigger that lowers it", 4)
    joy_roll_left: int = index_setting("button that swings the fingers to the left", 13)
    joy_roll_right: int = index_setting("button that swings them to the right", 14)
    joy_gripper: int = index_setting("gripper button", 10)
    joy_deadman: int = index_setting("clutch", 9, 0)
    joy_emergency_stop: int = index_setting("emergency stop button", 1, 0)
    joy_arm: int = index_setting("button that arms the gate", 5)
    joy_start: int = index_setting("START button", 6)
    joy_keep: int = index_setting("KEEP button", 0)
    joy_discard: int = index_setting("DISCARD button", 4)
    joy_success: int = index_setting("SUCCESS button", 11)
    joy_failure: int = index_setting("FAILURE button", 12)
    joy_mark: int = index_setting("MARK button", 7)

    @property
    def speeds(self) -> HandSpeeds:
        return HandSpeeds(self.linear_speed, self.angular_speed)

    @property
    def gamepad_mapping(self) -> ArmPadMapping:
        names = (*_STICKS, "up", "down", "roll", "gripper", "deadman", "emergency_stop", "arm")
        return ArmPadMapping(
            **{name: getattr(self, f"gamepad_{name}") for name in names},
            actions={action: getattr(self, f"gamepad_{action.word}") for action in _ACTIONS},
        )

    @property
    def joy_mapping(self) -> ArmJoyMapping:
        buttons = ("roll_left", "roll_right", "gripper", "deadman", "emergency_stop", "arm")
        return ArmJoyMapping(
            **{name: getattr(self, f"joy_{name}") for name in (*_STICKS, "up", "down", *buttons)},
            actions={action: getattr(self, f"joy_{action.word}") for action in _ACTIONS},
        )
