"""Whatever hands do: one drives at a time, after a fresh press, and no longer than it lives."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.teleop.arm_button import ArmButton
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.decision import TeleopDecision
from cairn.hardware.teleop.emergency_button import EmergencyButton
from cairn.hardware.teleop.hands import Hands
from cairn.hardware.teleop.pushed_gamepad import PushedGamepad
from cairn.hardware.teleop.speeds import TeleopSpeeds
from cairn.hardware.teleop.teleoperation import LOST_TOLD, REST, Teleoperation
from cairn.hardware.twist import Twist

TIMEOUT = 0.2
HELD = Hands(1.0, 0.5, deadman=True)


class Rig:
    """Two hands, messages and a clock."""

    def __init__(self, **options: object) -> None:
        self.now = 5.0
        self.pads = {name: PushedGamepad(name, TIMEOUT, lambda: self.now) for name in ("a", "b")}
        self.teleoperation = Teleoperation(
            [Controller(name, pad, retry=0.0) for name, pad in self.pads.items()],
            TeleopSpeeds(0.5, 0.6, 1.0, 2.0),
            **options,  # type: ignore[arg-type]
        )

    def look(self, seconds: float = 0.0, **hands: Hands) -> TeleopDecision:
        self.now += seconds
        for name, one in hands.items():
            self.pads[name].receive(one)
        return self.teleoperation.update(self.now)


def test_who_presses_first_drives_until_letting_go() -> None:
    rig = Rig()
    assert rig.look().reason == "no controller: a: no message of a yet; b: no message of b yet"
    assert rig.look(a=Hands(), b=Hands()).reason == "deadman not pressed"
    decision = rig.look(0.1, a=Hands(), b=HELD)
    assert (decision.controller, decision.deadman, decision.took_over) == ("b", True, True)
    assert decision.twist == Twist(0.5, 0.3)
    assert decision.reason == ""
    decision = rig.look(0.1, a=HELD, b=HELD)
    assert (decision.controller, decision.took_over) == ("b", False)
    decision = rig.look(0.1, a=HELD, b=Hands())
    assert (decision.deadman, decision.twist) == (False, Twist())
    assert decision.reason == "a: the deadman needs a fresh press"
    rig.look(0.1, a=Hands(), b=Hands())
    assert rig.look(0.1, a=HELD, b=Hands()).controller == "a"


def test_the_first_named_wins_when_both_press_at_the_same_look() -> None:
    rig = Rig()
    rig.look(a=Hands(), b=Hands())
    assert rig.look(a=HELD, b=HELD).controller == "a"


def test_a_loss_is_told_until_the_hand_is_back_or_another_drives() -> None:
    rig = Rig()
    rig.look(a=Hands(), b=Hands())
    rig.look(a=HELD)
    decision = rig.look(0.21, b=Hands())
    assert (decision.controller, decision.present, decision.deadman) == ("a", False, False)
    assert decision.reason == "a lost: a silent for 0.21 s"
    assert decision.twist == Twist()
    assert rig.look(0.1, b=HELD).controller == "b"
    assert rig.teleoperation.controllers[0].absence == "a silent for 0.21 s"
    rig.look(0.1, b=Hands())
    assert rig.look(0.1, a=Hands(), b=Hands()).reason == "deadman not pressed"


@pytest.mark.parametrize("by", ["silence", "its own word", "silence that nobody saw"])
def test_who_is_lost_while_driving_has_not_let_go(by: str) -> None:
    rig = Rig()
    rig.look(a=Hands(), b=Hands())
    rig.look(a=HELD)
    if by == "silence":
        decision = rig.look(0.25)
    else:
        rig.now += 0.05 if by == "its own word" else 0.25
        decision = rig.look(a=Hands(lost=by == "its own word"))
    assert (decision.controller, decision.deadman, decision.lost) == ("a", False, True)
    assert rig.look(LOST_TOLD - 0.02).lost
    assert not rig.look(0.04).lost
    told = "a was lost while it drove: the deadman needs a fresh press"
    assert rig.look(5.0, a=Hands(), b=Hands()).reason == told
    rig.look(0.1, b=HELD)
    decision = rig.look(0.1, b=Hands())
    assert (decision.reason, decision.lost) == ("deadman not pressed", False)


def test_turbo_and_change_of_speeds() -> None:
    rig = Rig()
    rig.look(a=Hands())
    assert rig.look(a=Hands(-1.0, 1.0, True, turbo=True)).twist == Twist(-1.0, 2.0)
    rig.teleoperation.change_speeds(TeleopSpeeds(0.1, 0.1, 0.2, 0.3))
    assert rig.look(a=Hands(1.0, 1.0, True, turbo=True)).twist == Twist(0.2, 0.3)
    with pytest.raises(CairnError, match="speed linear must be positive and finite, got nan"):
        TeleopSpeeds(float("nan"))


def test_by_stick_the_policy_drives_on_while_the_sticks_rest() -> None:
    rig = Rig(takeover="stick", is_steady=False)
    rig.look(a=Hands())
    decision = rig.look(a=Hands(deadman=True))
    assert (decision.deadman, decision.drives, decision.took_over) == (True, False, False)
    decision = rig.look(0.1, a=HELD)
    assert (decision.drives, decision.took_over) == (True, True)
    decision = rig.look(0.1, a=Hands(deadman=True))
    assert (decision.drives, decision.twist) == (True, Twist())
    for _ in range(round(REST / 0.1)):
        decision = rig.look(0.1, a=Hands(deadman=True))
    assert (decision.deadman, decision.drives) == (True, False)
    assert rig.look(0.1, a=HELD).took_over


@pytest.mark.parametrize("is_steady", [True, False])
def test_zero_goes_out_after_letting_go(is_steady: bool) -> None:
    rig = Rig(is_steady=is_steady)
    assert rig.look(a=Hands()).drives is is_steady
    rig.look(a=HELD)
    assert rig.look(0.02, a=Hands()).drives
    assert rig.look(0.3, a=Hands()).drives is is_steady


def test_an_emergency_stop_of_any_hand_takes_control_away() -> None:
    rig = Rig(emergency=EmergencyButton(hold=0.5))
    rig.look(a=Hands(), b=Hands())
    rig.look(a=HELD)
    decision = rig.look(0.02, a=HELD, b=Hands(emergency_stop=True))
    assert (decision.emergency_stop, decision.deadman) == (True, False)
    for _ in range(4):
        assert rig.look(0.11, a=HELD, b=Hands()).emergency_stop is True
    for _ in range(5):
        decision = rig.look(0.11, a=HELD, b=Hands())
        assert (decision.emergency_stop, decision.deadman) == (False, False)
    assert rig.look(0.11, a=HELD, b=Hands()).emergency_stop is None
    rig.look(0.02, a=Hands())
    assert rig.look(0.02, a=HELD).deadman


def test_a_tap_in_a_message_of_no_other_use_counts() -> None:
    rig = Rig()
    rig.teleoperation.press_emergency_stop()
    assert rig.look().emergency_stop is True


def test_a_steady_switch_says_released_too() -> None:
    assert EmergencyButton(0.5, is_steady=True).update(False, 0.0) is False
    assert EmergencyButton(0.5).update(False, 0.0) is None


def test_the_gate_is_armed_once_by_a_long_press_while_nobody_drives() -> None:
    rig = Rig(arm=ArmButton(1.0))
    rig.look(a=Hands())
    arms = [rig.look(0.1, a=Hands(arm=True)).arm for _ in range(30)]
    assert arms.count(True) == 1
    assert arms.index(True) in (10, 11)
    rig.look(0.1, a=Hands())
    rig.look(0.1, a=Hands(deadman=True))
    assert not any(rig.look(0.1, a=Hands(deadman=True, arm=True)).arm for _ in range(30))


def test_everybody_may_say_something_about_the_recording() -> None:
    rig = Rig()
    rig.look(a=Hands(), b=Hands())
    rig.look(a=HELD)
    both = rig.look(
        0.1,
        a=Hands(deadman=True, actions=frozenset({EpisodeAction.KEEP})),
        b=Hands(actions=frozenset({EpisodeAction.MARK})),
    )
    assert both.actions == (EpisodeAction.KEEP, EpisodeAction.MARK)


def test_names_are_unique_and_a_removed_driver_drives_no_more() -> None:
    rig = Rig()
    with pytest.raises(CairnError, match="there is a controller 'a' already"):
        rig.teleoperation.add(Controller("a", rig.pads["a"]))
    rig.look(a=Hands())
    assert rig.look(a=HELD).deadman
    rig.teleoperation.remove("a")
    assert not rig.look().deadman


@dataclass
class Known:
    """What an onlooker knows of one hand."""

    last: float = float("-inf")
    pressed: bool = False
    fresh: bool = False
    seen_released: bool = False

    def hear(self, now: float, hands: Hands) -> None:
        if now - self.last > TIMEOUT:
            self.seen_released = self.fresh = False
        self.last = now
        if not hands.deadman:
            self.seen_released, self.fresh = True, False
        elif not self.pressed or not self.fresh:
            self.fresh = self.seen_released
        self.pressed = hands.deadman


MESSAGE = st.none() | st.builds(
    Hands,
    st.sampled_from([-1.0, 0.0, 0.3]),
    st.just(0.0),
    st.booleans(),
    emergency_stop=st.sampled_from([False] * 9 + [True]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.02, 0.1, 0.3]), MESSAGE, MESSAGE), max_size=60))
def test_whatever_hands_do(history: list[tuple[float, Hands | None, Hands | None]]) -> None:
    rig = Rig()
    known = {"a": Known(), "b": Known()}
    driver = ""
    ignored: set[str] = set()  # pressed while another hand drove
    released_since_stop = dict.fromkeys(known, True)
    for seconds, a, b in history:
        rig.now += seconds
        stopped = False
        for name, hands in (("a", a), ("b", b)):
            if hands is not None:
                rig.pads[name].receive(hands)
                known[name].hear(rig.now, hands)
                released_since_stop[name] |= not hands.deadman
                if not hands.deadman:
                    ignored.discard(name)
                stopped |= hands.emergency_stop
        decision = rig.teleoperation.update(rig.now)
        if stopped:
            released_since_stop = {
                name: not (one.pressed and rig.now - one.last <= TIMEOUT) for name, one in known.items()
            }
            assert decision.emergency_stop
            assert not decision.deadman
        if decision.deadman:
            hand = known[decision.controller]
            assert hand.pressed
            assert hand.fresh
            assert rig.now - hand.last <= TIMEOUT
            assert released_since_stop[decision.controller]
            if driver and driver != decision.controller:
                assert not (known[driver].fresh and rig.now - known[driver].last <= TIMEOUT)
            assert decision.controller not in ignored
            assert decision.reason == ""
            held = {name for name, one in known.items() if one.fresh and rig.now - one.last <= TIMEOUT}
            ignored |= held - {decision.controller}
        else:
            assert decision.twist == Twist()
            assert decision.reason
        driver = decision.controller if decision.deadman else ""
