"""A gamepad that comes and goes."""

from __future__ import annotations

from typing import Generic

from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import Gamepad, State


class Controller(Generic[State]):
    """Opens its gamepad, again and again while it is not there.

    Args:
        name: e.g. "gamepad".
        gamepad: the device.
        retry: time between two tries to open it [s]; opening may take tens of milliseconds.
    """

    def __init__(self, name: str, gamepad: Gamepad[State], retry: float = 1.0) -> None:
        self._name = name
        self._gamepad = gamepad
        self._retry = retry
        self._next_try = 0.0
        self._is_open = False
        self._absence = "not looked for yet"

    @property
    def name(self) -> str:
        return self._name

    @property
    def absence(self) -> str:
        """Why it is not there, "" while it is."""
        return "" if self._is_open else self._absence

    def look(self, now: float) -> State | None:
        """The state at `now` [monotonic s], or None while the gamepad is not there."""
        try:
            if not self._is_open:
                if now < self._next_try:
                    return None
                self._next_try = now + self._retry
                self._gamepad.start()
                self._is_open = True
            return self._gamepad.state()
        except CairnError as error:  # lost, or one that lacks what it must have
            if self._is_open:
                self._gamepad.stop()
            self._is_open = False
            self._absence = str(error)
            self._next_try = now + self._retry
            return None

    def close(self) -> None:
        """Release the device."""
        self._gamepad.stop()
        self._is_open = False
