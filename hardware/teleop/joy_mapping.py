"""Which axis and which button of a `sensor_msgs/Joy` does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError

NONE = -1
"""The index of what is not there."""

DEFAULT_ACTIONS: Mapping[EpisodeAction, int] = MappingProxyType(
    {
        EpisodeAction.START: 6,
        EpisodeAction.KEEP: 0,
        EpisodeAction.DISCARD: 4,
        EpisodeAction.SUCCESS: 11,
        EpisodeAction.FAILURE: 12,
        EpisodeAction.INTERVENTION: 13,
        EpisodeAction.MARK: 14,
    }
)


@dataclass(frozen=True)
class JoyMapping:
    """Indices as `game_controller_node` of the package joy has them for every pad it knows.

    Axes are positive away from the operator and to the left.

    Attributes:
        forward, turn: axes of the sticks (left stick, right stick).
        deadman, emergency_stop: buttons (left shoulder; B, circle).
        turbo, arm: buttons (right shoulder; guide), -1 for none.
        actions: button of each action, -1 for none.
    """

    forward: int = 1
    turn: int = 2
    deadman: int = 9
    emergency_stop: int = 1
    turbo: int = 10
    arm: int = 5
    actions: Mapping[EpisodeAction, int] = field(default_factory=lambda: DEFAULT_ACTIONS)

    def __post_init__(self) -> None:
        for name in ("forward", "turn", "deadman", "emergency_stop"):
            if getattr(self, name) < 0:
                raise CairnError(f"expected an index from 0 for {name} of Joy, got {getattr(self, name)}")

    def check(self, axes: Sequence[float], buttons: Sequence[int]) -> None:
        """Raises CairnError when a message lacks a stick, the deadman or the emergency stop."""
        check_indices(
            axes,
            {name: getattr(self, name) for name in ("forward", "turn")},
            buttons,
            {name: getattr(self, name) for name in ("deadman", "emergency_stop")},
        )


def check_indices(
    axes: Sequence[float], sticks: Mapping[str, int], buttons: Sequence[int], pressed: Mapping[str, int]
) -> None:
    """Raises CairnError when a message lacks an axis of `sticks` or a button of `pressed`."""
    for kind, values, indices in (("axis", axes, sticks), ("button", buttons, pressed)):
        for name, index in indices.items():
            if index >= len(values):
                raise CairnError(
                    f"expected {name} at {kind} {index} of Joy, but it has {len(values)} of these"
                )
