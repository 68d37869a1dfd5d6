"""An event device's sticks, triggers and buttons as hands on an arm."""

from __future__ import annotations

import pytest

evdev = pytest.importorskip("evdev", reason="needs Linux and the package evdev")
from evdev import AbsInfo, ecodes  # noqa: E402
from test_evdev_gamepad import LINEAR, NAME, PipedDevice  # noqa: E402

from cairn.hardware.episode_action import EpisodeAction  # noqa: E402
from cairn.hardware.errors import CairnError  # noqa: E402
from cairn.hardware.teleop.arm_gamepad import ArmGamepad  # noqa: E402

STICKS = (ecodes.ABS_X, ecodes.ABS_Y, ecodes.ABS_RX, ecodes.ABS_RY)


class ArmPad(PipedDevice):
    """With triggers and a D-pad, as the kernel tells of every common pad."""

    def __init__(self, extras: bool = True) -> None:
        super().__init__("/dev/input/event7", axes=STICKS)
        if extras:
            self.axes |= {code: AbsInfo(0, 0, 1023, 0, 0, 0) for code in (ecodes.ABS_Z, ecodes.ABS_RZ)}
            self.axes |= {code: AbsInfo(0, -1, 1, 0, 0, 0) for code in (ecodes.ABS_HAT0X, ecodes.ABS_HAT0Y)}


class Rig:
    def __init__(self, device: ArmPad) -> None:
        self.device, self.now = device, 10.0
        self.pad = ArmGamepad(
            NAME,
            curve=LINEAR,
            clock=lambda: self.now,
            list_devices=lambda: [device.path],
            open_device=lambda _: device,
        )
        self.pad.start()

    def push(self, axis: int, value: int) -> None:
        self.device.emit(ecodes.EV_ABS, axis, value)

    def press(self, button: int, value: int = 1) -> None:
        self.device.emit(ecodes.EV_KEY, button, value)


def test_at_rest_nothing_is_wanted() -> None:
    state = Rig(ArmPad()).pad.state()
    assert state.linear == state.angular == (0.0, 0.0, 0.0)
    assert (state.deadman, state.toggle, state.opening) == (False, False, None)


@pytest.mark.parametrize(
    ("axis", "value", "linear", "angular"),
    [
        (ecodes.ABS_Y, 0, (1, 0, 0), (0, 0, 0)),
        (ecodes.ABS_X, 0, (0, 1, 0), (0, 0, 0)),
        (ecodes.ABS_RZ, 1023, (0, 0, 1), (0, 0, 0)),
        (ecodes.ABS_Z, 1023, (0, 0, -1), (0, 0, 0)),
        (ecodes.ABS_HAT0X, -1, (0, 0, 0), (1, 0, 0)),
        (ecodes.ABS_RY, 0, (0, 0, 0), (0, -1, 0)),
        (ecodes.ABS_RX, 0, (0, 0, 0), (0, 0, 1)),
    ],
)
def test_each_axis(axis, value, linear, angular) -> None:
    rig = Rig(ArmPad())
    rig.push(axis, value)
    state = rig.pad.state()
    assert state.linear == pytest.approx(linear, abs=0.01)
    assert state.angular == pytest.approx(angular, abs=0.01)


def test_buttons_and_the_d_pad() -> None:
    rig = Rig(ArmPad())
    for button in (ecodes.BTN_TL, ecodes.BTN_TR, ecodes.BTN_MODE, ecodes.BTN_SOUTH):
        rig.press(button)
    rig.push(ecodes.ABS_HAT0Y, -1)
    state = rig.pad.state()
    assert (state.deadman, state.toggle, state.arm) == (True, True, True)
    assert state.actions == (EpisodeAction.KEEP, EpisodeAction.SUCCESS)
    rig.press(ecodes.BTN_EAST)
    assert rig.pad.state().emergency_stop


def test_a_trigger_half_pulled_that_is_never_heard_of_again_releases_the_clutch() -> None:
    rig = Rig(ArmPad())
    rig.press(ecodes.BTN_TL)
    rig.push(ecodes.ABS_RZ, 512)
    assert rig.pad.state().linear[2] == pytest.approx(0.45, abs=0.01)
    rig.now += 0.6
    state = rig.pad.state()
    assert (state.deadman, state.was_lost) == (False, True)


def test_a_pad_without_triggers_or_d_pad_will_do_but_not_one_without_sticks() -> None:
    rig = Rig(ArmPad(extras=False))
    rig.push(ecodes.ABS_Y, 0)
    assert rig.pad.state().linear == pytest.approx((1.0, 0.0, 0.0))
    poor = ArmPad(extras=False)
    del poor.axes[ecodes.ABS_RY]
    with pytest.raises(CairnError, match="has no ABS_RY; it has"):
        Rig(poor)
