"""Hands that drive an arm: what they ask for, and what they leave as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.errors import CairnError
from cairn.hardware.teleop.arm_decision import ArmDecision
from cairn.hardware.teleop.arm_input import ArmInput
from cairn.hardware.teleop.arm_joy_gamepad import ArmJoyGamepad
from cairn.hardware.teleop.arm_pad_state import ArmPadState
from cairn.hardware.teleop.arm_teleoperation import LONGEST_STEP, NO_GRIPPER, ArmTeleoperation
from cairn.hardware.teleop.controller import Controller
from cairn.hardware.teleop.hand_speeds import HandSpeeds
from cairn.hardware.teleop.operator_script import OperatorScript
from cairn.hardware.teleop.pushed_gamepad import PushedGamepad
from cairn.hardware.teleop.script_step import Drive, ScriptError

PERIOD = 0.02


class Rig:
    """One hand, messages and a clock."""

    def __init__(self, told: float | None = 0.0) -> None:
        self.now = 5.0
        self.pad: PushedGamepad[ArmPadState] = PushedGamepad("page", 0.2, lambda: self.now, ArmInput())
        self.seat = ArmTeleoperation([Controller("page", self.pad, retry=0.0)], HandSpeeds(0.2, 1.0))
        if told is not None:
            self.seat.observe_gripper(told)

    def look(self, hands: ArmInput | None, seconds: float = PERIOD) -> ArmDecision:
        self.now += seconds
        if hands is not None:
            self.pad.receive(hands)
        return self.seat.update(self.now)


def held(**wanted: object) -> ArmInput:
    return ArmInput(deadman=True, **wanted)  # type: ignore[arg-type]


def test_a_step_is_the_speed_times_the_time_since_the_last_look() -> None:
    rig = Rig()
    assert rig.look(ArmInput()).step is None
    decision = rig.look(held(linear=(1.0, -0.5, 0.0), angular=(0.0, 0.0, 0.5)))
    assert decision.step is not None
    # Both together are no faster than the top speed.
    share = 1.0 / (1.0 + 0.25) ** 0.5
    assert decision.step.translation == pytest.approx((0.2 * PERIOD * share, -0.1 * PERIOD * share, 0.0))
    assert decision.step.rotation == pytest.approx((0.0, 0.0, 0.5 * PERIOD))
    assert decision.speed[5] == pytest.approx(0.5)
    after_a_pause = rig.look(held(linear=(1.0, 0.0, 0.0)), 0.15).step
    assert after_a_pause is not None
    assert after_a_pause.translation[0] == pytest.approx(0.2 * LONGEST_STEP)


def test_a_press_alone_leaves_the_gripper_as_it_was_told() -> None:
    rig = Rig(told=0.3)
    rig.look(ArmInput())
    first = rig.look(held()).step
    assert first is not None
    assert first.opening == 0.3
    second = rig.look(held(opening=1.0)).step
    assert second is not None
    assert second.opening == 1.0
    rig.look(ArmInput())
    rig.seat.observe_gripper(0.0)  # a policy closed it meanwhile
    again = rig.look(held()).step
    assert again is not None
    assert again.opening == 0.0


def test_the_toggle_counts_once_a_press_and_not_when_held_before() -> None:
    rig = Rig(told=1.0)
    rig.look(ArmInput())
    openings = [
        step.opening
        for toggle in (True, True, False, True, True, False, True)
        if (step := rig.look(held(toggle=toggle)).step) is not None
    ]
    assert openings == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0]


def test_without_a_word_of_the_gripper_nothing_goes_out() -> None:
    rig = Rig(told=None)
    rig.look(ArmInput())
    decision = rig.look(held(linear=(1.0, 0.0, 0.0)))
    assert (decision.step, decision.reason) == (None, NO_GRIPPER)
    rig.seat.observe_gripper(float("nan"))
    assert rig.look(held()).step is None
    rig.seat.observe_gripper(0.5)
    assert rig.look(held()).step is not None


def test_silence_ends_the_steps_until_a_fresh_press() -> None:
    rig = Rig()
    rig.look(ArmInput())
    assert rig.look(held()).step is not None
    assert rig.look(None, 0.21).step is None
    assert rig.look(held()).step is None
    rig.look(ArmInput())
    assert rig.look(held()).step is not None


@given(st.lists(st.tuples(st.booleans(), st.floats(0.001, 0.5), st.booleans()), max_size=40))
def test_no_step_without_a_clutch_that_was_seen_pressed(moments: list[tuple[bool, float, bool]]) -> None:
    rig, seen_released, heard = Rig(), False, -1.0
    for clutch, seconds, speaks in moments:
        hands = ArmInput(deadman=clutch, linear=(1.0, 0.0, 0.0)) if speaks else None
        if speaks and rig.now + seconds - heard > 0.2:
            seen_released = False
        decision = rig.look(hands, seconds)
        if speaks:
            heard = rig.now
            seen_released = seen_released or not clutch
        if decision.step is not None:
            assert seen_released
            assert rig.now - heard <= 0.2


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"linear": (1.2, 0.0, 0.0)}, "expected a share from -1 to 1 for x, got 1.2"),
        ({"angular": (0.0, float("nan"), 0.0)}, "share from -1 to 1 for pitch, got nan"),
        ({"linear": (0.0, 0.0)}, "expected shares of x, y, z for linear, got 2"),
        ({"opening": float("nan")}, "expected an opening from 0"),
        ({"opening": 1.5}, "expected an opening from 0"),
    ],
)
def test_what_is_no_share_is_refused(wanted: dict[str, object], words: str) -> None:
    with pytest.raises(CairnError, match=words):
        ArmInput(**wanted)  # type: ignore[arg-type]


def test_joy_reads_sticks_triggers_and_buttons() -> None:
    now = 50.0
    pad = ArmJoyGamepad(clock=lambda: now)
    axes, buttons = [0.0] * 6, [0] * 15
    pad.take(axes, buttons)
    axes = [-1.0, 1.0, 1.0, 1.0, -1.0, 0.0]
    for button in (9, 10, 14, 11):
        buttons[button] = 1
    pad.take(axes, buttons)
    state = pad.state()
    assert state.linear == (1.0, -1.0, -1.0)
    assert state.angular == (-1.0, -1.0, 1.0)
    assert (state.deadman, state.toggle, state.actions) == (True, True, (EpisodeAction.SUCCESS,))
    with pytest.raises(CairnError, match="expected up at axis 5 of Joy, but it has 4"):
        pad.take(axes[:4], buttons)


def test_a_script_moves_an_arm_or_a_base_but_not_both() -> None:
    script = OperatorScript.parse("steps: [{for: 1, linear: [0, 0.5, 0], opening: 0}, {release: 1}]")
    assert script.drives_arm
    assert script.steps[0] == Drive(1.0, ArmInput(linear=(0.0, 0.5, 0.0), opening=0.0, deadman=True))
    for text, words in (
        ("steps: [{for: 1, linear: [1, 0, 0]}, {for: 1, forward: 1}]", "a base or an arm, not both"),
        ("steps: [{for: 1, linear: [1, 0, 0], turn: 1}]", "turn: the base's, in a step that moves an arm"),
        ("steps: [{for: 1, linear: [1, 0]}]", "expected a list of three shares"),
        ("steps: [{for: 1, opening: 2}]", "expected an opening from 0"),
    ):
        with pytest.raises(ScriptError, match=words):
            OperatorScript.parse(text)
