"""A gamepad whose state comes in messages."""

from __future__ import annotations

import time
from collections.abc import Callable

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import Gamepad, GamepadLost, State
from cairn.hardware.teleop.any_hands import AnyHands
from cairn.hardware.teleop.fresh_press import FreshPress
from cairn.hardware.teleop.hands import OFF


class PushedGamepad(Gamepad[State]):
    """Holds what the newest message said, for as long as messages come.

    Args:
        name: for messages to people, e.g. "joy".
        timeout: longest silence [s], positive.
        clock: monotonic seconds.
        at_rest: hands that do nothing, of the kind that drives the robot in question.
    """

    def __init__(
        self,
        name: str,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
        at_rest: AnyHands[State] = OFF,  # type: ignore[assignment]  # a base is what most drive
    ) -> None:
        if not timeout > 0:
            raise CairnError(f"the timeout of {name} must be positive, got {timeout}")
        self._name = name
        self._timeout = timeout
        self._clock = clock
        self._at_rest = self._hands = at_rest
        self._deadman = FreshPress()
        self._arm = FreshPress()
        self._held_actions: frozenset[EpisodeAction] | None = None
        self._actions: list[EpisodeAction] = []
        self._stop_seen = False
        self._arrived: float | None = None
        self._absence = f"no message of {name} yet"
        self._was_lost = False

    def start(self) -> None:
        self._check_presence()

    def state(self) -> State:
        arrived = self._check_presence()
        stopped = self._stop_seen or self._hands.emergency_stop
        actions = tuple(self._actions)
        was_lost = self._was_lost
        self._stop_seen = self._was_lost = False
        self._actions.clear()
        return self._hands.seen(
            deadman=self._deadman.is_held,
            emergency_stop=stopped,
            stamp=arrived,
            arm=self._arm.is_held,
            actions=actions,
            was_lost=was_lost,
        )

    def stop(self) -> None:
        if self._arrived is not None:  # why it was lost before is worth more
            self.lose(f"{self._name} was stopped")

    def receive(self, hands: AnyHands[State]) -> None:
        """A message came."""
        now = self._clock()
        if self._arrived is not None and now - self._arrived > self._timeout:
            self._lose_silent(now)
        self._arrived = now
        self._stop_seen = self._stop_seen or hands.emergency_stop
        if hands.lost:
            self.lose(f"{self._name} went out of sight while the deadman was held")
            return
        self._hands = hands
        self._deadman.update(hands.deadman)
        self._arm.update(hands.arm)
        if self._held_actions is not None:
            fresh = hands.actions - self._held_actions
            self._actions += [action for action in EpisodeAction if action in fresh]
        self._held_actions = hands.actions

    @property
    def is_held(self) -> bool:
        """Whether the deadman is held by what the newest message said."""
        return self._deadman.is_held

    def lose(self, reason: str) -> None:
        """The sender is gone: whatever is held must be pressed afresh."""
        self._arrived = None
        self._absence = reason
        self._hands = self._at_rest
        self._forget_buttons()
        self._held_actions = None
        self._actions.clear()

    def _forget_buttons(self) -> None:
        """Whatever is held must be pressed afresh."""
        self._was_lost = self._was_lost or self._deadman.is_held
        self._deadman.forget()
        self._arm.forget()

    def _check_presence(self) -> float:
        """When the last message came.  Raises GamepadLost."""
        now = self._clock()
        if self._arrived is not None and now - self._arrived > self._timeout:
            self._lose_silent(now)
        if self._arrived is None:
            self._was_lost = False
            raise GamepadLost(self._absence)
        return self._arrived

    def _lose_silent(self, now: float) -> None:
        assert self._arrived is not None
        self.lose(f"{self._name} silent for {now - self._arrived:.2f} s")
