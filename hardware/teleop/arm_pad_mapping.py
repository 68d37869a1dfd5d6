"""Which stick and which button of a gamepad does what with an arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.pad_controls import PadControls

DEFAULT_ACTIONS: Mapping[EpisodeAction, str] = MappingProxyType(
    {
        EpisodeAction.START: "BTN_START",
        EpisodeAction.KEEP: "BTN_SOUTH",
        EpisodeAction.DISCARD: "BTN_SELECT",
        EpisodeAction.SUCCESS: "ABS_HAT0Y-",
        EpisodeAction.FAILURE: "ABS_HAT0Y+",
        EpisodeAction.MARK: "BTN_THUMBL",
    }
)
"""Menu, A or cross, back or share, D-pad up and down, and the left stick pressed."""


@dataclass(frozen=True)
class ArmPadMapping:
    """Names of evdev axes and buttons; the defaults hold for every pad that follows the kernel's gamepad API.

    The operator looks as the arm does.  A pad need not have the triggers, roll, gripper, arm and the actions.

    Attributes:
        x: axis whose negative end (stick away from the operator) moves the hand away.
        y: axis whose negative end (stick to the left) moves it to the left.
        up, down: triggers.
        roll: axis of the D-pad whose negative end (left) swings the fingers to the left.
        pitch: axis whose negative end (stick away) swings them away from the arm.
        yaw: axis whose negative end (stick to the left) turns the hand to the left, seen from above.
        gripper: button that opens a closed gripper and closes an open one; the right shoulder button.
        deadman: the clutch; the left shoulder button.
        emergency_stop: button that stops at once; the right one of the four (B, circle).
        arm: button held to arm the gate; the maker's own (guide, PS).
        actions: button of each action.
    """

    x: str = "ABS_Y"
    y: str = "ABS_X"
    up: str = "ABS_RZ"
    down: str = "ABS_Z"
    roll: str = "ABS_HAT0X"
    pitch: str = "ABS_RY"
    yaw: str = "ABS_RX"
    gripper: str = "BTN_TR"
    deadman: str = "BTN_TL"
    emergency_stop: str = "BTN_EAST"
    arm: str = "BTN_MODE"
    actions: Mapping[EpisodeAction, str] = field(default_factory=lambda: DEFAULT_ACTIONS)

    @property
    def controls(self) -> PadControls:
        """By what they are for."""
        return PadControls(
            sticks={"x": self.x, "y": self.y, "pitch": self.pitch, "yaw": self.yaw},
            triggers={"up": self.up, "down": self.down},
            switches={"roll": self.roll},
            deadman=self.deadman,
            emergency_stop=self.emergency_stop,
            buttons={"gripper": self.gripper, "arm": self.arm},
            actions=self.actions,
        )
