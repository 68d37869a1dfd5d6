"""Hands at a page live by fresh messages."""

from __future__ import annotations

import pytest

from cairn.hardware.errors import CairnError
from cairn.hardware.gamepad import GamepadLost
from cairn.hardware.gate.stamp_filter import StampFilter
from cairn.hardware.teleop.hands import Hands
from cairn.hardware.teleop.remote_gamepad import RemoteGamepad

HELD = Hands(0.5, 0.0, deadman=True)


class Rig:
    def __init__(self) -> None:
        self.now, self.ros = 10.0, 1000.0
        self.pad = RemoteGamepad("web", StampFilter(0.3, 0.1), 0.2, clock=lambda: self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.ros += seconds

    def send(self, hands: Hands, age: float = 0.0) -> None:
        self.pad.take(hands, self.ros - age, self.ros)


def test_release_press_loss() -> None:
    rig = Rig()
    with pytest.raises(GamepadLost, match="no message of web yet"):
        rig.pad.start()
    rig.send(Hands())
    rig.send(HELD)
    assert rig.pad.state().deadman
    assert rig.pad.state().forward == 0.5
    rig.wait(0.21)
    with pytest.raises(GamepadLost, match=r"web silent for 0\.21 s"):
        rig.pad.state()
    rig.send(HELD)
    assert not rig.pad.state().deadman
    rig.send(Hands())
    rig.send(HELD)
    assert rig.pad.state().deadman


def test_a_gap_between_two_messages_is_a_loss_though_nobody_looked() -> None:
    rig = Rig()
    rig.send(Hands())
    rig.send(HELD)
    rig.wait(0.5)
    rig.send(HELD)
    state = rig.pad.state()
    assert (state.deadman, state.was_lost) == (False, True)
    assert not rig.pad.state().was_lost


def test_hands_out_of_sight_are_lost_until_a_fresh_press() -> None:
    rig = Rig()
    rig.send(Hands())
    rig.send(HELD)
    rig.send(Hands(lost=True))
    with pytest.raises(GamepadLost, match="web went out of sight while the deadman was held"):
        rig.pad.state()
    rig.send(HELD)
    assert not rig.pad.state().deadman
    rig.send(Hands())
    rig.send(HELD)
    assert rig.pad.state().deadman


@pytest.mark.parametrize(("age", "words"), [(0.4, "web: stamp too old"), (-0.2, "stamp in the future")])
def test_messages_that_are_not_fresh_are_no_sign_of_life(age: float, words: str) -> None:
    rig = Rig()
    rig.send(Hands())
    rig.send(HELD)
    for _ in range(3):
        rig.wait(0.1)
        with pytest.raises(CairnError, match=words):
            rig.send(HELD, age)
    with pytest.raises(GamepadLost):
        rig.pad.state()


def test_after_a_reset_of_the_clock_stamps_begin_anew() -> None:
    rig = Rig()
    rig.send(Hands())
    rig.ros = 0.5
    rig.send(HELD)
    assert rig.pad.state().deadman


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.01, -2.0])
def test_a_share_is_a_share(value: float) -> None:
    with pytest.raises(CairnError, match="expected a share from -1 to 1 for forward, got"):
        Hands(value, 0.0)
    assert Hands(1.0000001, -1.0000001) == Hands(1.0, -1.0)
