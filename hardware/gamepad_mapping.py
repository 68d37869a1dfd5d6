"""Which stick and which button does what."""

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
        EpisodeAction.INTERVENTION: "ABS_HAT0X-",
        EpisodeAction.MARK: "ABS_HAT0X+",
    }
)
"""Menu, A or cross, back or share, and the D-pad: up, down, left, right."""


@dataclass(frozen=True)
class GamepadMapping:
    """Names of evdev axes and buttons; the defaults hold for every pad that follows the kernel's gamepad API.

    A pad need not have turbo, arm and the actions.

    Attributes:
        forward: axis whose negative end (stick away from the operator) drives forward.
        turn: axis whose negative end (stick to the left) turns left.
        deadman: button to be held; the left shoulder button.
        emergency_stop: button that stops at once; the right one of the four (B, circle).
        turbo: button held for the faster speed; the right shoulder button; "": none.
        arm: button held to arm the gate; the maker's own (guide, PS); "": none.
        actions: button of each action, or an axis of a D-pad with the sign of the end that counts.
    """

    forward: str = "ABS_Y"
    turn: str = "ABS_RX"
    deadman: str = "BTN_TL"
    emergency_stop: str = "BTN_EAST"
    turbo: str = "BTN_TR"
    arm: str = "BTN_MODE"
    actions: Mapping[EpisodeAction, str] = field(default_factory=lambda: DEFAULT_ACTIONS)

    @property
    def controls(self) -> PadControls:
        """By what they are for."""
        return PadControls(
            sticks={"forward": self.forward, "turn": self.turn},
            deadman=self.deadman,
            emergency_stop=self.emergency_stop,
            buttons={"turbo": self.turbo, "arm": self.arm},
            actions=self.actions,
        )
