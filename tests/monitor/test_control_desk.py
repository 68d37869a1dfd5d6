"""Who drives, and when hands count."""

import pytest

from cairn.monitor.control_desk import LOST_HELD, STOP_HELD, ControlDesk
from cairn.monitor.errors import PageRefused
from cairn.monitor.hands import Hands
from cairn.monitor.visitor import Visitor

ADA, BOB = Visitor(1, "Ada"), Visitor(2, "Bob")
DRIVING = Hands(forward=0.5, turn=-0.25, deadman=True)


@pytest.fixture
def desk():
    return ControlDesk(deadman_timeout=0.2, longest_delay=0.5)


def drive(desk, visitor=ADA, at=0.0, delay=0.02):
    """Take control, show an open hand, close it."""
    desk.take(visitor, at)
    desk.move(visitor, Hands(), delay, at)
    desk.move(visitor, DRIVING, delay, at + 0.05)


def test_hands_count_after_a_fresh_press(desk):
    desk.take(ADA, 0.0)
    desk.move(ADA, DRIVING, 0.02, 0.0)
    assert desk.hands(0.01) == Hands()
    assert desk.obstacle(0.01) == "deadman switch needs a fresh press"

    desk.move(ADA, Hands(), 0.02, 0.05)
    assert desk.obstacle(0.06) == "deadman switch not pressed"
    desk.move(ADA, DRIVING, 0.02, 0.10)

    assert desk.hands(0.11) == DRIVING
    assert desk.obstacle(0.11) is None


def test_silence_of_a_fifth_of_a_second_is_a_loss_then_nobody_and_needs_a_fresh_press(desk):
    drive(desk)
    assert desk.hands(0.249) == DRIVING
    assert desk.hands(0.251) == Hands(lost=True)
    assert desk.hands(0.251 + LOST_HELD) is None

    desk.move(ADA, DRIVING, 0.02, 1.00)
    assert desk.hands(1.01) == Hands()
    desk.move(ADA, Hands(), 0.02, 1.05)
    desk.move(ADA, DRIVING, 0.02, 1.10)
    assert desk.hands(1.11) == DRIVING


@pytest.mark.parametrize(
    "lose",
    [
        lambda desk, now: desk.lose(ADA, now),
        lambda desk, now: desk.leave(ADA, now),
        lambda desk, now: desk.move(ADA, DRIVING, 0.8, now),
        lambda desk, now: desk.move(ADA, Hands(), 0.02, now + 0.25),
    ],
    ids=["out of sight", "left", "late", "silent"],
)
@pytest.mark.parametrize("held", [True, False])
def test_only_a_held_deadman_can_be_lost(desk, lose, held):
    drive(desk)
    if not held:
        desk.move(ADA, Hands(), 0.02, 0.06)
    lose(desk, 0.07)
    assert (desk.hands(0.33) == Hands(lost=True)) is held
    after = desk.hands(0.33 + LOST_HELD)
    assert after is None or not after.lost


def test_a_late_link_releases_the_deadman_until_a_fresh_press(desk):
    drive(desk)
    desk.move(ADA, DRIVING, 0.8, 0.10)
    assert desk.hands(0.11) == Hands(lost=True)
    assert desk.obstacle(0.11) == "the link is 0.8 s late"

    desk.move(ADA, DRIVING, 0.02, 0.11 + LOST_HELD)
    assert desk.hands(0.12 + LOST_HELD) == Hands()
    assert desk.obstacle(0.12 + LOST_HELD) == "deadman switch needs a fresh press"


def test_a_second_page_is_told_who_drives_and_gets_control_once_the_deadman_is_released(desk):
    drive(desk)
    with pytest.raises(PageRefused, match="Ada is driving; ask again once the deadman is released"):
        desk.take(BOB, 0.1)
    with pytest.raises(PageRefused, match="these hands don't have control: Ada has it"):
        desk.move(BOB, DRIVING, 0.02, 0.1)
    assert desk.hands(0.1) == DRIVING

    desk.move(ADA, Hands(), 0.02, 0.15)
    desk.take(BOB, 0.2)

    assert desk.holder == BOB
    with pytest.raises(PageRefused, match="Bob has it"):
        desk.move(ADA, DRIVING, 0.02, 0.25)


def test_a_second_page_gets_control_once_the_first_fell_silent_or_left(desk):
    drive(desk)
    desk.take(BOB, 0.3)
    assert desk.holder == BOB

    desk.leave(ADA, 1.0)
    assert desk.holder == BOB
    desk.leave(BOB, 1.0)
    assert desk.holder is None
    assert desk.hands(1.0) is None


def test_a_press_of_the_one_before_is_not_the_press_of_the_next(desk):
    drive(desk)
    desk.move(ADA, Hands(), 0.02, 0.1)
    desk.take(BOB, 0.15)
    desk.move(BOB, DRIVING, 0.02, 0.2)
    assert desk.hands(0.21) == Hands()


def test_the_emergency_stop_needs_no_control_is_held_and_releases_the_deadman(desk):
    desk.press_stop(1.0)
    assert desk.hands(1.0 + STOP_HELD - 0.01) == Hands(emergency_stop=True)
    assert desk.hands(1.0 + STOP_HELD) is None

    drive(desk, at=2.0)
    desk.press_stop(2.06)
    assert desk.hands(2.07) == Hands(emergency_stop=True)
    desk.move(ADA, DRIVING, 0.02, 2.06 + STOP_HELD)
    assert desk.hands(2.06 + STOP_HELD) == Hands()
