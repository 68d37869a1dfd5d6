"""A Joy message is no sign of life, its content is."""

from __future__ import annotations

from math import nan

import pytest

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import GamepadLost
from cairn.hardware.stick_curve import StickCurve
from cairn.hardware.teleop.joy_gamepad import JoyGamepad
from cairn.hardware.teleop.joy_mapping import JoyMapping

FORWARD, TURN, DEADMAN, STOP, TURBO, ARM = 1, 2, 9, 1, 10, 5


class Rig:
    """A sender that repeats itself at 20 Hz."""

    def __init__(self) -> None:
        self.now = 50.0
        self.axes, self.buttons = [0.0] * 6, [0] * 15
        self.pad = JoyGamepad(
            curve=StickCurve(0.1, 0.0), silence_limit=0.4, timeout=0.3, clock=lambda: self.now
        )

    def send(self) -> None:
        self.pad.take(self.axes, self.buttons)

    def repeat(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.now += 0.05
            self.send()

    def press(self, *buttons: int, down: int = 1) -> None:
        for button in buttons:
            self.buttons[button] = down
        self.send()


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.send()
    return rig


def test_sticks_and_buttons(rig: Rig) -> None:
    rig.axes[FORWARD], rig.axes[TURN] = 0.55, -1.0
    rig.press(DEADMAN, TURBO, ARM, 0, 6)
    state = rig.pad.state()
    assert (state.forward, state.turn) == pytest.approx((0.5, -1.0))
    assert (state.deadman, state.turbo, state.arm, state.emergency_stop) == (True, True, True, False)
    assert state.actions == (EpisodeAction.START, EpisodeAction.KEEP)
    rig.send()
    assert rig.pad.state().actions == ()


def test_what_is_held_when_it_appears_counts_for_nothing() -> None:
    rig = Rig()
    rig.press(DEADMAN, ARM, 6)
    rig.repeat(0.2)
    state = rig.pad.state()
    assert (state.deadman, state.arm, state.actions) == (False, False, ())
    rig.press(DEADMAN, down=0)
    rig.press(DEADMAN)
    assert rig.pad.state().deadman


@pytest.mark.parametrize(("stick", "held"), [(0.5, False), (0.0, True), (1.0, True), (0.05, True)])
def test_repeating_a_mid_stick_for_ever_releases_the_deadman(rig: Rig, stick: float, held: bool) -> None:
    rig.axes[FORWARD] = stick
    rig.press(DEADMAN)
    rig.repeat(0.35)
    assert rig.pad.state().deadman
    rig.repeat(0.2)
    state = rig.pad.state()
    assert (state.deadman, state.was_lost) == (held, not held)
    rig.axes[FORWARD] = 1.0  # the radio is back
    rig.send()
    assert rig.pad.state().deadman is held
    rig.press(DEADMAN, down=0)
    rig.press(DEADMAN)
    assert rig.pad.state().deadman


def test_a_hand_that_moves_keeps_driving(rig: Rig) -> None:
    rig.press(DEADMAN)
    for turn in range(100):
        rig.axes[FORWARD] = 0.5 + 0.001 * (turn % 2)
        rig.repeat(0.05)
    assert rig.pad.state().deadman
    assert rig.pad.state().stamp == rig.now


def test_silence_loses_it_and_a_fresh_press_is_needed(rig: Rig) -> None:
    rig.axes[FORWARD] = 1.0
    rig.press(DEADMAN)
    rig.now += 0.31
    with pytest.raises(GamepadLost, match=r"joy silent for 0\.31 s"):
        rig.pad.state()
    rig.send()
    assert not rig.pad.state().deadman


def test_a_vanished_publisher_is_lost_at_once(rig: Rig) -> None:
    rig.press(DEADMAN)
    rig.pad.lose("nobody publishes joy")
    with pytest.raises(GamepadLost, match="nobody publishes joy"):
        rig.pad.state()


@pytest.mark.parametrize(
    ("axes", "buttons", "words"),
    [
        ([0.0, nan, 0.0], [0] * 15, "from -1 to 1 for forward, got nan"),
        ([0.0, 0.0, 7.0], [0] * 15, "from -1 to 1 for turn, got 7"),
        ([0.0], [0] * 15, "expected forward at axis 1 of Joy, but it has 1 of these"),
        ([0.0] * 6, [0] * 9, "expected deadman at button 9 of Joy, but it has 9 of these"),
    ],
)
def test_what_cant_be_used_is_refused_and_no_sign_of_life(
    rig: Rig, axes: list[float], buttons: list[int], words: str
) -> None:
    for _ in range(4):
        rig.now += 0.1
        with pytest.raises(CairnError, match=words):
            rig.pad.take(axes, buttons)
    with pytest.raises(GamepadLost, match="joy silent"):
        rig.pad.state()


def test_an_emergency_stop_is_read_from_whatever_comes() -> None:
    pad = JoyGamepad()
    assert pad.is_emergency_stop([0, 1])
    assert not pad.is_emergency_stop([1])


def test_a_mapping_needs_sticks_deadman_and_stop() -> None:
    with pytest.raises(CairnError, match="expected an index from 0 for deadman of Joy, got -1"):
        JoyMapping(deadman=-1)
