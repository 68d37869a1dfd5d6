"""Which controls of a gamepad are watched, by what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cairn.hardware.episode_action import EpisodeAction


@dataclass(frozen=True)
class PadControls:
    """Names of evdev axes and buttons; an empty name: there is none.

    Attributes:
        sticks: axes that a pad must have, at rest in the middle of their range.
        triggers: axes that it may have, at rest at the low end of their range.
        switches: axes that it may have, such as a D-pad's.
        deadman, emergency_stop: buttons that it must have.
        buttons: that it may have.
        actions: button of each action, or an axis of a D-pad with the sign of the end that counts.
    """

    sticks: Mapping[str, str]
    deadman: str
    emergency_stop: str
    buttons: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[EpisodeAction, str] = field(default_factory=dict)
    triggers: Mapping[str, str] = field(default_factory=dict)
    switches: Mapping[str, str] = field(default_factory=dict)
