"""Which axis and which button of a `sensor_msgs/Joy` does what with an arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.teleop.joy_mapping import check_indices

DEFAULT_ACTIONS: Mapping[EpisodeAction, int] = MappingProxyType(
    {
        EpisodeAction.START: 6,
        EpisodeAction.KEEP: 0,
        EpisodeAction.DISCARD: 4,
        EpisodeAction.SUCCESS: 11,
        EpisodeAction.FAILURE: 12,
        EpisodeAction.MARK: 7,
    }
)


@dataclass(frozen=True)
class ArmJoyMapping:
    """Indices as `game_controller_node` of the package joy has them for every pad it knows.

    Axes are positive away from the operator and to the left; a trigger is 0 at rest, and whichever sign it
    takes, its size says how far it is pulled.  See `ArmPadMapping` for what each one does.

    Attributes:
        x, y, pitch, yaw: axes of the sticks.
        up, down: axes of the triggers, -1 for none.
        roll_left, roll_right, gripper, arm: buttons, -1 for none.
        deadman, emergency_stop: buttons.
        actions: button of each action, -1 for none.
    """

    x: int = 1
    y: int = 0
    pitch: int = 3
    yaw: int = 2
    up: int = 5
    down: int = 4
    roll_left: int = 13
    roll_right: int = 14
    gripper: int = 10
    deadman: int = 9
    emergency_stop: int = 1
    arm: int = 5
    actions: Mapping[EpisodeAction, int] = field(default_factory=lambda: DEFAULT_ACTIONS)

    def __post_init__(self) -> None:
        for name, index in {**self._axes, **self._buttons}.items():
            if index < 0:
                raise CairnError(f"expected an index from 0 for {name} of Joy, got {index}")

    @property
    def _axes(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("x", "y", "pitch", "yaw")}

    @property
    def _buttons(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("deadman", "emergency_stop")}

    def check(self, axes: Sequence[float], buttons: Sequence[int]) -> None:
        """Raises CairnError when a message lacks a stick, a trigger, the deadman or the emergency stop."""
        triggers = {name: index for name in ("up", "down") if (index := getattr(self, name)) >= 0}
        check_indices(axes, {**self._axes, **triggers}, buttons, self._buttons)
