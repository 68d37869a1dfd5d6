"""A gamepad through Linux's event devices."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.evdev_control import EvdevControl, axis_code, axis_name, button_name, evdev_library
from cairn.hardware.gamepad import Gamepad, GamepadLost, State
from cairn.hardware.pad_controls import PadControls
from cairn.hardware.stick_curve import StickCurve

if TYPE_CHECKING:
    import evdev

ANY = "any"
_SATURATED = 0.98
_AUTOREPEAT = 2
# One read yields up to 64 events; the bound keeps a babbling pad from holding up its user.
_READS = 32


@dataclass(frozen=True)
class PadReading:
    """What an event device says now.

    Attributes:
        sticks: deflection of each axis by what it is for, through the curve: from -1 to 1 as evdev has it, of
            a trigger from 0; 0 for an axis that the pad lacks.
        held: buttons by what they are for, pressed since they were last out of sight.
        deadman, emergency_stop, stamp, actions, was_lost: as in `HandState`.
    """

    sticks: dict[str, float]
    held: frozenset[str]
    deadman: bool
    emergency_stop: bool
    stamp: float
    actions: tuple[EpisodeAction, ...]
    was_lost: bool


class EvdevPad(Gamepad[State]):
    """One gamepad, opened by its name, its unique id or a path.

    A pad whose radio fails in mid-stick goes silent with its last values standing.  A hand is never that
    still: when a stick stands between rest and stop without any event for `silence_limit` seconds, the
    deadman is taken as released until it is pressed afresh.  At its stop a stick is rightly silent; there a
    failed radio shows only when the receiver gives the pad up, so prefer a cable where that matters.

    Args:
        device: the pad's name or unique id as `evtest` shows them, or a path such as one in
            `/dev/input/by-id`; "any": the first device that has all sticks, the deadman and the stop.
        controls: which stick and button is for what.
        curve: shape of all sticks.
        silence_limit: seconds, positive.
        clock: monotonic seconds.
        list_devices: paths of the event devices.
        open_device: opens one of them.
    """

    def __init__(
        self,
        device: str,
        controls: PadControls,
        curve: StickCurve | None = None,
        *,
        silence_limit: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
        list_devices: Callable[[], Sequence[str]] | None = None,
        open_device: Callable[[str], evdev.InputDevice[str]] | None = None,
    ) -> None:
        if not silence_limit > 0:
            raise CairnError(f"a gamepad's silence_limit must be positive, got {silence_limit}")
        library = evdev_library()
        self._wanted = device
        self._curve = curve or StickCurve()
        self._silence_limit = silence_limit
        self._clock = clock
        self._list_devices = list_devices or library.list_devices
        self._open_device = open_device or library.InputDevice
        self._required = [axis_code(name) for name in controls.sticks.values()]
        axes = {**controls.sticks, **controls.triggers, **controls.switches}
        self._axes = {what: axis_code(name) for what, name in axes.items() if name}
        self._one_sided = {axis_code(name) for name in controls.triggers.values() if name}
        self._deadman = EvdevControl.named(controls.deadman)
        self._emergency_stop = EvdevControl.named(controls.emergency_stop)
        self._buttons = {EvdevControl.named(name): what for what, name in controls.buttons.items() if name}
        self._actions = {
            EvdevControl.named(name): action for action, name in controls.actions.items() if name
        }
        self._device: evdev.InputDevice[str] | None = None
        self._ranges: dict[int, tuple[int, int]] = {}
        self._sticks: dict[int, float] = {}
        self._pressed: set[EvdevControl] = set()
        self._stop_seen = self._was_lost = False
        self._taken_actions: list[EpisodeAction] = []
        self._last_event = 0.0

    @abstractmethod
    def _state(self, reading: PadReading) -> State:
        """What the hands want by that."""

    def start(self) -> None:
        self.stop()
        device = self._find()
        try:
            self._check_capabilities(device)
        except CairnError:
            device.close()
            raise
        self._device = device
        self._resynchronise(device)
        self._last_event = self._clock()

    def state(self) -> State:
        device = self._device
        if device is None:
            raise CairnError("the gamepad must be started before its state is read")
        now = self._clock()
        try:
            # Nothing new is no error: an event device tells changes only.
            with suppress(BlockingIOError):
                for _ in range(_READS):
                    for event in device.read():
                        self._take(device, event)
                        self._last_event = now
        except OSError as error:
            self.stop()
            raise GamepadLost(f"the gamepad {self._wanted!r} was unplugged: {error.strerror}") from error
        deflections = [abs(value) for value in self._sticks.values()]
        in_hand = any(self._curve.dead_zone < value < _SATURATED for value in deflections)
        if in_hand and now - self._last_event > self._silence_limit:
            self._lose_buttons({self._emergency_stop})
        stopped = self._stop_seen or self._emergency_stop in self._pressed
        actions = tuple(self._taken_actions)
        was_lost = self._was_lost
        self._stop_seen = self._was_lost = False
        self._taken_actions.clear()
        return self._state(
            PadReading(
                sticks={what: self._curve(self._sticks.get(code, 0.0)) for what, code in self._axes.items()},
                held=frozenset(what for control, what in self._buttons.items() if control in self._pressed),
                deadman=self._deadman in self._pressed,
                emergency_stop=stopped,
                stamp=self._last_event if in_hand else now,
                actions=actions,
                was_lost=was_lost,
            )
        )

    def stop(self) -> None:
        device, self._device = self._device, None
        self._pressed.clear()
        self._taken_actions.clear()
        if device is not None:
            device.close()

    def _find(self) -> evdev.InputDevice[str]:
        present = []
        if self._wanted.startswith("/"):
            try:
                return self._open_device(self._wanted)
            except OSError as error:
                raise GamepadLost(f"no gamepad at {self._wanted}: {error.strerror}") from error
        for path in self._list_devices():
            try:
                device = self._open_device(path)
            except OSError:  # gone since it was listed, or another user's
                continue
            if self._wanted in (device.name, device.uniq):
                return device
            if self._wanted == ANY and not self._missing(device):
                return device
            present.append(device.name)
            device.close()
        wanted = "" if self._wanted == ANY else f" {self._wanted!r}"
        raise GamepadLost(f"no gamepad{wanted}; present: {', '.join(sorted(present)) or 'none'}")

    def _missing(self, device: evdev.InputDevice[str]) -> list[str]:
        axes, buttons = _capabilities(device)
        return [
            *(axis_name(code) for code in self._required if code not in axes),
            *(
                control.name
                for control in (self._deadman, self._emergency_stop)
                if control.code not in (axes if control.name.startswith("ABS_") else buttons)
            ),
        ]

    def _check_capabilities(self, device: evdev.InputDevice[str]) -> None:
        missing = self._missing(device)
        if missing:
            axes, buttons = _capabilities(device)
            has = [*map(axis_name, axes), *map(button_name, buttons)]
            raise CairnError(
                f"{device.name} has no {', '.join(missing)}; it has {', '.join(has) or 'nothing'}"
            )

    def _take(self, device: evdev.InputDevice[str], event: Any) -> None:
        codes = evdev_library().ecodes
        if event.type == codes.EV_SYN and event.code == codes.SYN_DROPPED:
            self._resynchronise(device)
        elif event.type == codes.EV_ABS and event.code in self._ranges:
            self._sticks[event.code] = self._normalised(event.code, event.value)
        elif event.type == codes.EV_ABS or (event.type == codes.EV_KEY and event.value != _AUTOREPEAT):
            # An autorepeat is no fresh press.
            for control in self._controls():
                if (control.kind, control.code) == (event.type, event.code):
                    self._note(control, control.is_pressed(event.value))

    def _controls(self) -> list[EvdevControl]:
        return [self._deadman, self._emergency_stop, *self._buttons, *self._actions]

    def _note(self, control: EvdevControl, is_pressed: bool) -> None:
        if not is_pressed:
            self._pressed.discard(control)
        elif control not in self._pressed:
            self._pressed.add(control)
            if control == self._emergency_stop:
                self._stop_seen = True
            if control in self._actions:
                self._taken_actions.append(self._actions[control])

    def _resynchronise(self, device: evdev.InputDevice[str]) -> None:
        """Take the state as it stands; what led to it is unknown, so the deadman must be pressed afresh."""
        present, _ = _capabilities(device)
        for code in (code for code in self._axes.values() if code in present):
            info = device.absinfo(code)
            self._ranges[code] = (info.min, info.max)
            self._sticks[code] = self._normalised(code, info.value)
        self._lose_buttons(set())
        if self._emergency_stop.code in device.active_keys():
            self._note(self._emergency_stop, True)

    def _lose_buttons(self, kept: set[EvdevControl]) -> None:
        self._was_lost = self._was_lost or self._deadman in self._pressed
        self._pressed &= kept

    def _normalised(self, code: int, value: int) -> float:
        low, high = self._ranges[code]
        if high <= low:
            raise CairnError(f"axis {code} of the gamepad reports the empty range {low} to {high}")
        share = (value - low) / (high - low)
        return (
            max(0.0, min(1.0, share)) if code in self._one_sided else max(-1.0, min(1.0, 2.0 * share - 1.0))
        )


def _capabilities(device: evdev.InputDevice[str]) -> tuple[list[int], list[int]]:
    """Codes of its axes and buttons."""
    codes = evdev_library().ecodes
    capabilities = device.capabilities(absinfo=False)
    return capabilities.get(codes.EV_ABS, []), capabilities.get(codes.EV_KEY, [])
