"""A gamepad through Linux's event devices."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import Gamepad, GamepadLost, GamepadState
from cairn.hardware.gamepad_mapping import GamepadMapping
from cairn.hardware.stick_curve import StickCurve

if TYPE_CHECKING:
    import evdev

_SATURATED = 0.98
# One read yields up to 64 events; the bound keeps a babbling pad from holding up its user.
_READS = 32


class EvdevGamepad(Gamepad):
    """One gamepad, opened by its name, its unique id or a path.

    A pad whose radio fails in mid-stick goes silent with its last values standing.  A hand is never that
    still: when a stick stands between rest and stop without any event for `silence_limit` seconds, the
    deadman is taken as released until it is pressed afresh.  At its stop a stick is rightly silent; there a
    failed radio shows only when the receiver gives the pad up, so prefer a cable where that matters.

    Args:
        device: the pad's name or unique id as `evtest` shows them, or a path such as one in
            `/dev/input/by-id`.
        mapping: which stick and button does what.
        curve: shape of both sticks.
        silence_limit: seconds, positive.
        clock: monotonic seconds.
        list_devices: paths of the event devices.
        open_device: opens one of them.
    """

    def __init__(
        self,
        device: str,
        mapping: GamepadMapping | None = None,
        curve: StickCurve | None = None,
        *,
        silence_limit: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
        list_devices: Callable[[], Sequence[str]] | None = None,
        open_device: Callable[[str], evdev.InputDevice[str]] | None = None,
    ) -> None:
        if not silence_limit > 0:
            raise CairnError(f"a gamepad's silence_limit must be positive, got {silence_limit}")
        library = _evdev()
        self._wanted = device
        self._curve = curve or StickCurve()
        self._silence_limit = silence_limit
        self._clock = clock
        self._list_devices = list_devices or library.list_devices
        self._open_device = open_device or library.InputDevice
        mapping = mapping or GamepadMapping()
        codes = library.ecodes
        self._forward = _code(codes.ABS, mapping.forward, "ABS_")
        self._turn = _code(codes.ABS, mapping.turn, "ABS_")
        self._deadman = _code(codes.keys, mapping.deadman, "BTN_")
        self._emergency_stop = _code(codes.keys, mapping.emergency_stop, "BTN_")
        self._device: evdev.InputDevice[str] | None = None
        self._ranges: dict[int, tuple[int, int]] = {}
        self._sticks: dict[int, float] = {}
        self._armed = False
        self._stop_held = False
        self._stop_seen = False
        self._last_event = 0.0

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

    def state(self) -> GamepadState:
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
            self._armed = False
        stopped = self._stop_seen or self._stop_held
        self._stop_seen = False
        return GamepadState(
            forward=-self._curve(self._sticks[self._forward]),
            turn=-self._curve(self._sticks[self._turn]),
            deadman=self._armed,
            emergency_stop=stopped,
            stamp=self._last_event,
        )

    def stop(self) -> None:
        device, self._device = self._device, None
        self._armed = False
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
            present.append(device.name)
            device.close()
        raise GamepadLost(f"no gamepad {self._wanted!r}; present: {', '.join(sorted(present)) or 'none'}")

    def _check_capabilities(self, device: evdev.InputDevice[str]) -> None:
        codes = _evdev().ecodes
        capabilities = device.capabilities(absinfo=False)
        axes, buttons = capabilities.get(codes.EV_ABS, []), capabilities.get(codes.EV_KEY, [])
        missing = [
            *(_name(codes.ABS, code) for code in (self._forward, self._turn) if code not in axes),
            *(
                _name(codes.keys, code)
                for code in (self._deadman, self._emergency_stop)
                if code not in buttons
            ),
        ]
        if missing:
            has = [*(_name(codes.ABS, code) for code in axes), *(_name(codes.keys, code) for code in buttons)]
            raise CairnError(
                f"{device.name} has no {', '.join(missing)}; it has {', '.join(has) or 'nothing'}"
            )

    def _take(self, device: evdev.InputDevice[str], event: Any) -> None:
        codes = _evdev().ecodes
        if event.type == codes.EV_SYN and event.code == codes.SYN_DROPPED:
            self._resynchronise(device)
        elif event.type == codes.EV_ABS and event.code in self._ranges:
            self._sticks[event.code] = self._normalised(event.code, event.value)
        elif event.type == codes.EV_KEY and event.code == self._deadman:
            if event.value != 2:  # an autorepeat is no fresh press
                self._armed = event.value == 1
        elif event.type == codes.EV_KEY and event.code == self._emergency_stop:
            self._stop_held = event.value != 0
            self._stop_seen = self._stop_seen or self._stop_held

    def _resynchronise(self, device: evdev.InputDevice[str]) -> None:
        """Take the state as it stands; what led to it is unknown, so the deadman must be pressed afresh."""
        for code in (self._forward, self._turn):
            info = device.absinfo(code)
            self._ranges[code] = (info.min, info.max)
            self._sticks[code] = self._normalised(code, info.value)
        self._armed = False
        self._stop_held = self._emergency_stop in device.active_keys()
        self._stop_seen = self._stop_held

    def _normalised(self, code: int, value: int) -> float:
        low, high = self._ranges[code]
        if high <= low:
            raise CairnError(f"axis {code} of the gamepad reports the empty range {low} to {high}")
        return max(-1.0, min(1.0, 2.0 * (value - low) / (high - low) - 1.0))


def _evdev() -> Any:
    try:
        import evdev
    except ImportError as error:
        raise CairnError(
            f"gamepads need the package evdev (pip install cairn-robotics[gamepad]): {error}"
        ) from error
    return evdev


def _code(names: dict[int, Any], name: str, prefix: str) -> int:
    for code, known in names.items():
        if name == known or (isinstance(known, (list, tuple)) and name in known):
            return code
    raise CairnError(f"{name!r} is no evdev name of a {prefix}… event; `evtest` shows those of a pad")


def _name(names: dict[int, Any], code: int) -> str:
    known = names.get(code, hex(code))
    return str(known[0] if isinstance(known, (list, tuple)) else known)
