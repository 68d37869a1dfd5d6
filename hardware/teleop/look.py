"""Who drives, and what all hands say besides."""

from __future__ import annotations

from dataclasses import dataclass

from cairn.hardware.episode_action import EpisodeAction


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at all hands.

    Attributes:
        controller: who drives; where nobody does, the first that is there, or that was lost; "" for none.
        present: that controller is there and alive.
        deadman: it drives: held after a fresh press.
        lost: who drove went out of sight just now, which is no letting go.
        reason: why nobody drives, "" while somebody does.
        stamp: monotonic time at which the hand was last known alive [s].
        took_over: it began to drive just now.
        emergency_stop: the state of the switch to publish, None: nothing.
        arm: whether the gate is to be armed now.
        actions: what was said about the recording, in order.
    """

    controller: str = ""
    present: bool = False
    deadman: bool = False
    lost: bool = False
    reason: str = ""
    stamp: float = 0.0
    took_over: bool = False
    emergency_stop: bool | None = None
    arm: bool = False
    actions: tuple[EpisodeAction, ...] = ()
