"""The driver reads real `input_event` structures; where /dev/uinput exists, from a pad in the kernel."""

from __future__ import annotations

import errno
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

evdev = pytest.importorskip("evdev", reason="needs Linux and the package evdev")
from evdev import AbsInfo, ecodes  # noqa: E402
from evdev.eventio import EventIO  # noqa: E402

from cairn.hardware.errors import CairnError  # noqa: E402
from cairn.hardware.evdev_gamepad import EvdevGamepad  # noqa: E402
from cairn.hardware.gamepad import GamepadLost  # noqa: E402
from cairn.hardware.gamepad_mapping import GamepadMapping  # noqa: E402
from cairn.hardware.stick_curve import StickCurve  # noqa: E402

NAME = "Maker Wireless Controller"
LINEAR = StickCurve(dead_zone=0.1, exponent=0.0)
EVENT = struct.Struct("llHHi")
AXES = (ecodes.ABS_Y, ecodes.ABS_RX)
BUTTONS = (ecodes.BTN_TL, ecodes.BTN_EAST)


class PipedDevice(EventIO):
    """An event device whose file descriptor is a pipe: evdev's own reader parses what is written to it.

    What the kernel answers by ioctl (name, ranges, keys held) is kept here.
    """

    def __init__(self, path: str, name: str = NAME, axes: tuple[int, ...] = AXES) -> None:
        self.path, self.name, self.uniq = path, name, "aa:bb"
        self.fd, self.write_end = os.pipe2(os.O_NONBLOCK)
        self.axes = {code: AbsInfo(128, 0, 255, 0, 0, 0) for code in axes}
        self.held: list[int] = []
        self.unplugged = self.closed = False

    def capabilities(self, absinfo: bool = True) -> dict[int, list[int]]:
        return {ecodes.EV_ABS: list(self.axes), ecodes.EV_KEY: list(BUTTONS)}

    def absinfo(self, code: int) -> AbsInfo:
        return self.axes[code]

    def active_keys(self) -> list[int]:
        return self.held

    def read(self):  # type: ignore[no-untyped-def]
        if self.unplugged:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return super().read()

    def close(self) -> None:
        self.closed = True

    def emit(self, kind: int, code: int, value: int) -> None:
        os.write(self.write_end, EVENT.pack(1, 0, kind, code, value))
        os.write(self.write_end, EVENT.pack(1, 0, ecodes.EV_SYN, ecodes.SYN_REPORT, 0))


class Rig:
    """A pad among other devices, and the hands on it."""

    def __init__(self) -> None:
        self.devices = {
            "/dev/input/event3": PipedDevice("/dev/input/event3", "Keyboard", axes=()),
            "/dev/input/event7": PipedDevice("/dev/input/event7"),
        }
        self.device = self.devices["/dev/input/event7"]
        self.now = 100.0
        self.pad = self.make()

    def make(self, name: str = NAME, mapping: GamepadMapping | None = None) -> EvdevGamepad:
        return EvdevGamepad(
            name,
            mapping,
            LINEAR,
            clock=lambda: self.now,
            list_devices=lambda: list(self.devices),
            open_device=self.open,
        )

    def open(self, path: str) -> PipedDevice:
        if path not in self.devices:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self.devices[path]

    def press(self, button: int, value: int = 1) -> None:
        self.device.emit(ecodes.EV_KEY, button, value)

    def push(self, axis: int, value: int) -> None:
        self.device.emit(ecodes.EV_ABS, axis, value)


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.pad.start()
    return made


def test_at_rest(rig: Rig) -> None:
    state = rig.pad.state()
    assert (state.forward, state.turn, state.deadman, state.emergency_stop) == (0.0, 0.0, False, False)


@pytest.mark.parametrize(
    ("axis", "value", "forward", "turn"),
    [
        (ecodes.ABS_Y, 0, 1.0, 0.0),
        (ecodes.ABS_Y, 255, -1.0, 0.0),
        (ecodes.ABS_RX, 0, 0.0, 1.0),
        (ecodes.ABS_RX, 255, 0.0, -1.0),
        (ecodes.ABS_Y, 120, 0.0, 0.0),  # within the dead zone
        (ecodes.ABS_Y, 60, (1 - 120 / 255 - 0.1) / 0.9, 0.0),
    ],
)
def test_sticks_away_and_left_are_positive(
    rig: Rig, axis: int, value: int, forward: float, turn: float
) -> None:
    rig.push(axis, value)
    state = rig.pad.state()
    assert (state.forward, state.turn) == pytest.approx((forward, turn))


def test_the_deadman_follows_its_button(rig: Rig) -> None:
    rig.press(ecodes.BTN_TL)
    assert rig.pad.state().deadman
    rig.press(ecodes.BTN_TL, 2)
    assert rig.pad.state().deadman
    rig.press(ecodes.BTN_TL, 0)
    assert not rig.pad.state().deadman


def test_a_deadman_held_at_start_needs_a_fresh_press() -> None:
    rig = Rig()
    rig.device.held = [ecodes.BTN_TL]
    rig.pad.start()
    rig.press(ecodes.BTN_TL, 2)  # autorepeat
    assert not rig.pad.state().deadman
    rig.press(ecodes.BTN_TL, 0)
    rig.press(ecodes.BTN_TL, 1)
    assert rig.pad.state().deadman


def test_a_pad_that_goes_silent_in_mid_stick_is_disarmed_until_a_fresh_press(rig: Rig) -> None:
    rig.press(ecodes.BTN_TL)
    rig.push(ecodes.ABS_Y, 60)
    rig.now += 0.4
    assert rig.pad.state().deadman
    rig.now += 0.51
    state = rig.pad.state()
    assert (state.deadman, state.was_lost) == (False, True)
    assert not rig.pad.state().was_lost
    rig.push(ecodes.ABS_Y, 61)  # the radio is back
    assert not rig.pad.state().deadman
    rig.press(ecodes.BTN_TL, 0)
    rig.press(ecodes.BTN_TL, 1)
    assert rig.pad.state().deadman


@pytest.mark.parametrize("value", [0, 128])
def test_silence_at_rest_or_at_the_stop_is_normal(rig: Rig, value: int) -> None:
    rig.press(ecodes.BTN_TL)
    rig.push(ecodes.ABS_Y, value)
    rig.pad.state()
    rig.now += 60
    assert rig.pad.state().deadman


def test_a_backlog_of_events_is_read_to_its_end(rig: Rig) -> None:
    for value in range(500):
        rig.push(ecodes.ABS_Y, value % 100)
    rig.push(ecodes.ABS_Y, 255)
    assert rig.pad.state().forward == pytest.approx(-1.0)


def test_a_tap_on_the_emergency_stop_between_two_looks_is_seen_once(rig: Rig) -> None:
    rig.press(ecodes.BTN_EAST, 1)
    rig.press(ecodes.BTN_EAST, 0)
    assert rig.pad.state().emergency_stop
    assert not rig.pad.state().emergency_stop


def test_after_lost_events_the_state_is_read_anew_and_the_deadman_released(rig: Rig) -> None:
    rig.press(ecodes.BTN_TL)
    assert rig.pad.state().deadman
    rig.device.axes[ecodes.ABS_Y] = AbsInfo(0, 0, 255, 0, 0, 0)
    rig.device.emit(ecodes.EV_SYN, ecodes.SYN_DROPPED, 0)
    state = rig.pad.state()
    assert state.forward == pytest.approx(1.0)
    assert (state.deadman, state.was_lost) == (False, True)


def test_an_unplugged_pad_is_lost_and_comes_back_under_another_path(rig: Rig) -> None:
    rig.press(ecodes.BTN_TL)
    rig.pad.state()
    rig.device.unplugged = True
    with pytest.raises(GamepadLost, match=f"{NAME}' was unplugged: No such device"):
        rig.pad.state()
    del rig.devices["/dev/input/event7"]
    with pytest.raises(GamepadLost, match=f"no gamepad '{NAME}'; present: Keyboard"):
        rig.pad.start()
    rig.device = rig.devices["/dev/input/event9"] = PipedDevice("/dev/input/event9")
    rig.pad.start()
    assert not rig.pad.state().deadman
    rig.press(ecodes.BTN_TL)
    assert rig.pad.state().deadman


@pytest.mark.parametrize("device", [NAME, "aa:bb", "/dev/input/event7"])
def test_found_by_name_unique_id_or_path(device: str) -> None:
    rig = Rig()
    del rig.devices["/dev/input/event3"]
    rig.make(device).start()


def test_what_the_pad_lacks_is_named() -> None:
    rig = Rig()
    with pytest.raises(CairnError, match="has no ABS_RZ; it has ABS_Y, ABS_RX, BTN_TL, BTN_"):
        rig.make(mapping=GamepadMapping(turn="ABS_RZ")).start()
    assert rig.device.closed
    with pytest.raises(CairnError, match="'BTN_FOO' is no evdev name of a BTN_… event"):
        rig.make(mapping=GamepadMapping(deadman="BTN_FOO"))
    with pytest.raises(GamepadLost, match="no gamepad at /dev/input/event99: No such file"):
        rig.make("/dev/input/event99").start()


def test_state_needs_start_and_stop_may_be_called_at_any_time() -> None:
    rig = Rig()
    rig.pad.stop()
    with pytest.raises(CairnError, match="must be started"):
        rig.pad.state()
    rig.pad.start()
    rig.pad.stop()
    rig.pad.stop()


@pytest.mark.skipif(not os.access("/dev/uinput", os.W_OK), reason="needs a writable /dev/uinput")
def test_a_pad_in_the_kernel() -> None:
    events = {
        ecodes.EV_KEY: list(BUTTONS),
        ecodes.EV_ABS: [(code, AbsInfo(0, -32768, 32767, 0, 0, 0)) for code in AXES],
    }
    with evdev.UInput(events, name=NAME) as kernel:
        deadline = time.monotonic() + 5
        while not Path(kernel.device.path).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        pad = EvdevGamepad(NAME, curve=LINEAR)
        pad.start()
        kernel.write(ecodes.EV_KEY, ecodes.BTN_TL, 1)
        kernel.write(ecodes.EV_ABS, ecodes.ABS_Y, -32768)
        kernel.syn()
        _wait_until(lambda: pad.state().deadman)
        assert pad.state().forward == pytest.approx(1.0)
    with pytest.raises(GamepadLost, match="unplugged"):
        _wait_until(lambda: pad.state().deadman and False)


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_turbo_arm_and_actions_are_told() -> None:
    rig = Rig()
    rig.pad.start()
    rig.press(ecodes.BTN_TR)
    rig.press(ecodes.BTN_MODE)
    rig.press(ecodes.BTN_START)
    rig.press(ecodes.BTN_SOUTH)
    rig.press(ecodes.BTN_SOUTH, 2)
    rig.push(ecodes.ABS_HAT0Y, -1)
    rig.push(ecodes.ABS_HAT0Y, 0)
    rig.push(ecodes.ABS_HAT0Y, 1)
    state = rig.pad.state()
    assert (state.turbo, state.arm) == (True, True)
    assert [action.word for action in state.actions] == ["start", "keep", "success", "failure"]
    state = rig.pad.state()
    assert state.actions == ()
    assert state.turbo
    rig.press(ecodes.BTN_TR, 0)
    assert not rig.pad.state().turbo


def test_any_pad_will_do_that_has_what_is_needed() -> None:
    rig = Rig()
    rig.pad = rig.make("any")
    rig.pad.start()
    rig.press(ecodes.BTN_TL)
    assert rig.pad.state().deadman
    assert rig.devices["/dev/input/event3"].closed
    del rig.devices["/dev/input/event7"]
    with pytest.raises(GamepadLost, match="no gamepad; present: Keyboard"):
        rig.make("any").start()


def test_the_last_sign_of_life_is_the_last_movement_only_in_mid_stick(rig: Rig) -> None:
    rig.push(ecodes.ABS_Y, 60)
    assert rig.pad.state().stamp == 100.0
    rig.now += 0.2
    assert rig.pad.state().stamp == 100.0
    rig.push(ecodes.ABS_Y, 0)
    rig.pad.state()
    rig.now += 5
    assert rig.pad.state().stamp == rig.now


def test_a_lost_radio_lets_go_of_everything_but_the_emergency_stop(rig: Rig) -> None:
    for button in (ecodes.BTN_TL, ecodes.BTN_MODE, ecodes.BTN_EAST):
        rig.press(button)
    rig.push(ecodes.ABS_Y, 60)
    rig.pad.state()
    rig.now += 1
    state = rig.pad.state()
    assert (state.deadman, state.arm, state.emergency_stop) == (False, False, True)
