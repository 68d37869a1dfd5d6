"""A gamepad that another node reads and publishes as `sensor_msgs/Joy`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import GamepadState
from cairn.hardware.stick_curve import StickCurve
from cairn.hardware.teleop.hands import Hands
from cairn.hardware.teleop.joy_mapping import JoyMapping
from cairn.hardware.teleop.pushed_gamepad import PushedGamepad

_SATURATED = 0.98


class JoyGamepad(PushedGamepad):
    """Sticks and buttons by their indices.

    That messages come says nothing about the hand: such nodes repeat the last state for ever when the radio
    dies.  As with `EvdevGamepad`, a stick that stands between rest and stop without any change of the
    message for `silence_limit` seconds releases the deadman until it is pressed afresh.

    Args:
        mapping: which axis and button does what.
        curve: shape of both sticks.
        silence_limit: seconds, positive.
        timeout: longest silence of the topic [s]: of several periods of the sender's repetition.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        mapping: JoyMapping | None = None,
        curve: StickCurve | None = None,
        *,
        silence_limit: float = 0.5,
        timeout: float = 0.3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("joy", timeout, clock)
        if not silence_limit > 0:
            raise CairnError(f"joy's silence_limit must be positive, got {silence_limit}")
        self._mapping = mapping or JoyMapping()
        self._curve = curve or StickCurve()
        self._silence_limit = silence_limit
        self._content: tuple[tuple[float, ...], tuple[int, ...]] | None = None
        self._changed = 0.0
        self._in_hand = False

    def take(self, axes: Sequence[float], buttons: Sequence[int]) -> None:
        """A message came: axes in [-1, 1], buttons 0 or 1.

        Raises CairnError, and takes nothing, when it can't be used.
        """
        content = (tuple(axes), tuple(buttons))
        now = self._clock()
        if content != self._content:
            self._content, self._changed = content, now
        mapping = self._mapping
        mapping.check(axes, buttons)
        # Checked as they are: the curve would hide a NaN.
        raw = Hands(axes[mapping.forward], axes[mapping.turn])
        sticks = (raw.forward, raw.turn)
        hands = Hands(
            self._curve(raw.forward),
            self._curve(raw.turn),
            deadman=_is_down(buttons, mapping.deadman),
            turbo=_is_down(buttons, mapping.turbo),
            emergency_stop=self.is_emergency_stop(buttons),
            arm=_is_down(buttons, mapping.arm),
            actions=frozenset(
                action for action, index in mapping.actions.items() if _is_down(buttons, index)
            ),
        )
        self._in_hand = any(self._curve.dead_zone < abs(stick) < _SATURATED for stick in sticks)
        self.receive(hands)
        self._release_if_still(now)

    def is_emergency_stop(self, buttons: Sequence[int]) -> bool:
        """Whether the emergency stop is down, in a message that may be of no other use."""
        return _is_down(buttons, self._mapping.emergency_stop)

    def state(self) -> GamepadState:
        self._release_if_still(self._clock())
        state = super().state()
        if not self._in_hand:
            return state
        return GamepadState(**{**vars(state), "stamp": min(state.stamp, self._changed)})

    def _release_if_still(self, now: float) -> None:
        if self._in_hand and now - self._changed > self._silence_limit:
            self._forget_buttons()


def _is_down(buttons: Sequence[int], index: int) -> bool:
    return 0 <= index < len(buttons) and bool(buttons[index])
