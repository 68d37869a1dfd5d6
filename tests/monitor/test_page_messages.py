"""What a page may say."""

import json

import pytest

from cairn.monitor.errors import PageRefused
from cairn.monitor.page_messages import ArmMove, Label, Move, SignIn, read_page_message

HANDS = {"type": "hands", "forward": 0.5, "turn": -1, "deadman": True, "turbo": False, "beat": 12}


def test_hands_and_labels_are_read():
    assert read_page_message(json.dumps(HANDS)) == Move(
        type="hands", forward=0.5, turn=-1.0, deadman=True, turbo=False, beat=12
    )
    assert read_page_message('{"type": "episode", "kind": "start", "task": "to the gâte"}') == Label(
        type="episode", kind="start", task="to the gâte", note=""
    )
    assert read_page_message('{"type": "sign_in", "token": "x"}') == SignIn(type="sign_in", token="x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "message: Invalid JSON: EOF"),
        ("[" * 4000, "message: Invalid JSON: recursion limit exceeded"),
        ("[]", "message: Input should be"),
        ('{"type": "drive"}', "message: Input tag 'drive'"),
        (json.dumps({"forward": 1.0}), "message: Unable to extract tag"),
        (json.dumps(HANDS | {"forward": 1.01}), "forward: Input should be less than or equal to 1, got 1.01"),
        (json.dumps(HANDS | {"turn": float("nan")}), "turn: Input should be a finite number, got nan"),
        (json.dumps(HANDS | {"turn": float("-inf")}), "turn: Input should be"),
        (json.dumps(HANDS | {"turn": "0.5"}), "turn: Input should be a valid number, got '0.5'"),
        (json.dumps(HANDS | {"deadman": 1}), "deadman: Input should be a valid boolean, got 1"),
        (json.dumps(HANDS | {"beat": -1}), "beat: Input should be greater than or equal to 0"),
        (json.dumps(HANDS | {"speed": 9}), "speed: Extra inputs are not permitted, got 9"),
        (json.dumps({k: v for k, v in HANDS.items() if k != "deadman"}), "deadman: Field required"),
        ('{"type": "episode", "kind": "delete"}', "kind: Input should be 'start', 'keep'"),
        ('{"type": "episode", "kind": "mark", "note": "a\\u0000b"}', "note: String should match pattern"),
        ('{"type": "episode", "kind": "mark", "note": "\\ud800"}', "message: Invalid JSON"),
        (
            json.dumps({"type": "episode", "kind": "mark", "task": "x" * 201}),
            "task: String should have at most",
        ),
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text, message):
    with pytest.raises(PageRefused) as refused:
        read_page_message(text)
    assert message in str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_refused_token_is_not_repeated():
    with pytest.raises(PageRefused) as refused:
        read_page_message(json.dumps({"type": "sign_in", "token": "secret" * 50}))
    assert "token: String should have at most 256 characters" in str(refused.value)
    assert "secret" not in str(refused.value)


ARM_HANDS = {"type": "arm_hands", "linear": [0, 0.5, -1], "angular": [0, 0, 1], "clutch": True, "beat": 7}


def test_hands_on_an_arm():
    message = read_page_message(json.dumps(ARM_HANDS | {"opening": 0.0}))
    assert message == ArmMove(
        type="arm_hands", linear=[0.0, 0.5, -1.0], angular=[0.0, 0.0, 1.0], opening=0.0, clutch=True, beat=7
    )
    assert read_page_message(json.dumps(ARM_HANDS)).opening is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"linear": [0, 0]}, "linear"),
        ({"angular": [0, 0, 1.5]}, "angular"),
        ({"opening": 2}, "opening"),
        ({"clutch": 1}, "clutch"),
    ],
)
def test_hands_on_an_arm_that_can_not_be_are_refused(wrong, field):
    with pytest.raises(PageRefused, match=field):
        read_page_message(json.dumps(ARM_HANDS | wrong))
