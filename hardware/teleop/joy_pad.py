"""A gamepad that another node reads and publishes as `sensor_msgs/Joy`."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import State
from cairn.hardware.stick_curve import StickCurve
from cairn.hardware.teleop.any_hands import AnyHands
from cairn.hardware.teleop.pushed_gamepad import PushedGamepad

_SATURATED = 0.98


class JoyPad(PushedGamepad[State]):
    """Sticks and buttons by their indices.

    That messages come says nothing about the hand: such nodes repeat the last state for ever when the radio
    dies.  As with `EvdevPad`, a stick that stands between rest and stop without any change of the
    message for `silence_limit` seconds releases the deadman until it is pressed afresh.

    Args:
        at_rest: hands that do nothing.
        emergency_stop: index of its button.
        curve: shape of all sticks.
        silence_limit: seconds, positive.
        timeout: longest silence of the topic [s]: of several periods of the sender's repetition.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        at_rest: AnyHands[State],
        emergency_stop: int,
        curve: StickCurve | None = None,
        *,
        silence_limit: float = 0.5,
        timeout: float = 0.3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("joy", timeout, clock, at_rest)
        if not silence_limit > 0:
            raise CairnError(f"joy's silence_limit must be positive, got {silence_limit}")
        self._emergency_stop = emergency_stop
        self._curve = curve or StickCurve()
        self._silence_limit = silence_limit
        self._content: tuple[tuple[float, ...], tuple[int, ...]] | None = None
        self._changed = 0.0
        self._in_hand = False

    @abstractmethod
    def _read(self, axes: Sequence[float], buttons: Sequence[int]) -> tuple[AnyHands[State], Sequence[float]]:
        """What the hands do, and the deflections of all sticks.

        Raises CairnError when a message lacks what is needed or says what can't be.
        """

    def take(self, axes: Sequence[float], buttons: Sequence[int]) -> None:
        """A message came: axes in [-1, 1], buttons 0 or 1.

        Raises CairnError, and takes nothing, when it can't be used.
        """
        content = (tuple(axes), tuple(buttons))
        now = self._clock()
        if content != self._content:
            self._content, self._changed = content, now
        hands, sticks = self._read(axes, buttons)
        self._in_hand = any(self._curve.dead_zone < abs(stick) < _SATURATED for stick in sticks)
        self.receive(hands)
        self._release_if_still(now)

    def is_emergency_stop(self, buttons: Sequence[int]) -> bool:
        """Whether the emergency stop is down, in a message that may be of no other use."""
        return is_down(buttons, self._emergency_stop)

    def state(self) -> State:
        self._release_if_still(self._clock())
        state = super().state()
        return replace(state, stamp=min(state.stamp, self._changed)) if self._in_hand else state

    def _release_if_still(self, now: float) -> None:
        if self._in_hand and now - self._changed > self._silence_limit:
            self._forget_buttons()


def is_down(buttons: Sequence[int], index: int) -> bool:
    """Whether there is such a button, and it is down."""
    return 0 <= index < len(buttons) and bool(buttons[index])


def actions_down(buttons: Sequence[int], indices: Mapping[EpisodeAction, int]) -> frozenset[EpisodeAction]:
    """Of the buttons that are down."""
    return frozenset(action for action, index in indices.items() if is_down(buttons, index))
