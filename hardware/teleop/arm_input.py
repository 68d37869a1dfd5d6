"""What one message says that an operator's hands do with an arm."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.teleop.arm_pad_state import ArmPadState
from cairn.hardware.teleop.hands import checked_share

_AXES = {"linear": ("x", "y", "z"), "angular": ("roll", "pitch", "yaw")}


@dataclass(frozen=True)
class ArmInput:
    """Levels of sticks and buttons.  Raises CairnError.

    Attributes:
        linear, angular, opening, toggle: as in `ArmPadState`.
        deadman: the clutch is held.
        emergency_stop, arm: held.
        actions: of the buttons held.
        lost: the clutch went out of sight while it was held, which is no letting go.
    """

    linear: tuple[float, float, float] = (0.0, 0.0, 0.0)
    angular: tuple[float, float, float] = (0.0, 0.0, 0.0)
    opening: float | None = None
    toggle: bool = False
    deadman: bool = False
    emergency_stop: bool = False
    arm: bool = False
    actions: frozenset[EpisodeAction] = frozenset()
    lost: bool = False

    def __post_init__(self) -> None:
        for name, axes in _AXES.items():
            shares = getattr(self, name)
            if len(shares) != len(axes):
                raise CairnError(f"expected shares of {', '.join(axes)} for {name}, got {len(shares)}")
            checked = tuple(checked_share(axis, share) for axis, share in zip(axes, shares, strict=True))
            object.__setattr__(self, name, checked)
        if self.opening is not None:
            if not (isfinite(self.opening) and 0.0 <= self.opening <= 1.0):
                raise CairnError(f"expected an opening from 0 (closed) to 1 (open), got {self.opening}")
            object.__setattr__(self, "opening", float(self.opening))

    def seen(self, **buttons: Any) -> ArmPadState:
        """The state of a gamepad in these hands; `buttons` are those of `HandState`."""
        return ArmPadState(
            linear=self.linear, angular=self.angular, opening=self.opening, toggle=self.toggle, **buttons
        )
