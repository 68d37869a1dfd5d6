from math import nan

import pytest

from cairn.hardware.arm.hand_step import HandStep
from cairn.hardware.errors import CairnError
from cairn.hardware.teleop.arm_hands import ArmHands
from cairn.hardware.teleop.hand_speeds import HandSpeeds


def test_a_stick_at_its_stop_is_one_of_bridges_largest_steps() -> None:
    hands = ArmHands(linear=(0.0, -1.0, 0.0), angular=(0.0, 0.5, 0.0), opening=0.0, clutch=True)
    assert HandSpeeds().step(hands, 0.2) == HandStep((0.0, -0.05, 0.0), (0.0, 0.125, 0.0), 0.0)


def test_sticks_together_are_no_faster_than_one() -> None:
    step = HandSpeeds().step(ArmHands(linear=(1.0, 1.0, 1.0), clutch=True), 0.2)
    assert step.translation == pytest.approx([0.05 / 3**0.5] * 3)


def test_hands_without_the_clutch_or_that_are_mad_ask_for_nothing() -> None:
    for hands in (ArmHands(linear=(1.0, 0.0, 0.0)), ArmHands(linear=(nan, 0.0, 0.0), clutch=True)):
        with pytest.raises(CairnError):
            HandSpeeds().step(hands, 0.2)
