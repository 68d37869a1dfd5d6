"""What every hand that may drive says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.episode_action import EpisodeAction


@dataclass(frozen=True, kw_only=True)
class HandState:
    """Buttons that every gamepad, page and script has, whatever robot it drives.

    Attributes:
        deadman: the operator holds the robot live.  True only between a press and the release that follows,
            never because a button was found held at start, after a loss or after lost events.
        emergency_stop: the button was down at some time since the state was last asked for.
        stamp: monotonic time in seconds at which the hand was last known alive: of the last movement of a
            stick that stands between rest and stop, else of the last answer of a device that may be silent.
        arm: the button that arms the gate is held, since a press that was seen.
        actions: buttons pressed since the state was last asked for, in order.
        was_lost: since the state was last asked for the deadman went out of sight while held, which is no
            letting go.
    """

    deadman: bool
    emergency_stop: bool
    stamp: float
    arm: bool = False
    actions: tuple[EpisodeAction, ...] = ()
    was_lost: bool = False
