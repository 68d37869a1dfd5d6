"""Scripts are read strictly, and played as the others allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from cairn.hardware.episode_action import EpisodeAction
from cairn.hardware.gate.instant import Instant
from cairn.hardware.teleop.hands import Hands
from cairn.hardware.teleop.operator_script import OperatorScript
from cairn.hardware.teleop.script_player import ScriptPlayer, Surroundings
from cairn.hardware.teleop.script_step import (
    Arm,
    Drive,
    Label,
    PressEmergencyStop,
    Release,
    ScriptError,
    WaitFor,
)

EVERYTHING = """
controller: robot tester
steps:
  - {wait_for: recorder, within: 5}
  - {episode: start, task: drive ahead, operator: nobody, name: first}
  - repeat: 2
    steps:
      - {for: 3.0, forward: 0.5, turn: -0.1, turbo: true}
      - {release: 0.5}
  - {emergency_stop: 1}
  - {arm: true}
  - {episode: keep, note: went well}
"""


def test_every_kind_of_step() -> None:
    script = OperatorScript.parse(EVERYTHING)
    lap = (Drive(3.0, Hands(0.5, -0.1, True, True)), Release(0.5))
    assert script.controller == "robot tester"
    assert script.steps == (
        WaitFor("recorder", 5.0),
        Label(EpisodeAction.START, "first", "drive ahead", "nobody"),
        *lap,
        *lap,
        PressEmergencyStop(1.0),
        Arm(),
        Label(EpisodeAction.KEEP, note="went well"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: [", "not YAML: "),
        ("[]", "expected the key steps, and perhaps controller; got list"),
        ("{steps: [], speed: 1}", "got steps, speed"),
        ("steps: []", "expected at least one step, got none"),
        ("steps: [forward]", r"step 1: expected a step such as \{for: 2.0, forward: 0.5\}, got 'forward'"),
        ("steps: [{arm: true}, {}]", "step 2: expected exactly one of for, release, .*, got none"),
        ("steps: [{for: 1, release: 1}]", "step 1: expected exactly one of for.*, got for, release"),
        ("steps: [{for: 1, speed: 2}]", "step 1: unknown speed; beside for valid are: forward, turn, turbo"),
        ("steps: [{for: 1, forward: 2}]", "step 1: expected a share from -1 to 1 for forward, got 2.0"),
        ("steps: [{for: 1, forward: .nan}]", "for forward, got nan"),
        ("steps: [{for: soon}]", "step 1: for: expected a number, got 'soon'"),
        ("steps: [{for: -1}]", "step 1: for: expected seconds above 0 and up to 86400, got -1.0"),
        ("steps: [{for: .inf}]", "got inf"),
        ("steps: [{for: 1, turbo: 1}]", "turbo: expected true or false, got 1"),
        ("steps: [{episode: begin}]", "episode: expected one of start, keep, discard, .*, got 'begin'"),
        ("steps: [{episode: start, task: 3}]", "task: expected text, got 3"),
        ("steps: [{wait_for: godot}]", "wait_for: expected one of recorder, gate, .*, got 'godot'"),
        ("steps: [{repeat: 0, steps: []}]", "step 1: repeat: expected a number from 1 to 10000, got 0"),
        ("steps: [{repeat: 2, steps: []}]", "step 1: repeat: expected steps, got none"),
        ("steps: [{repeat: 2, steps: [{for: 0}]}]", r"step 1\.1: for: expected seconds above 0"),
        ("steps: &a [{repeat: 9999, steps: *a}]", "too deep"),
        ("steps: [{repeat: 9999, steps: [{repeat: 9999, steps: [{arm: true}]}]}]", "at most 10000 steps"),
        ("{controller: 3, steps: [{arm: true}]}", "controller: expected a name, got 3"),
        ("steps: !!python/object/apply:os.system [true]", "not YAML: could not determine a constructor"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    with pytest.raises(ScriptError, match=words):
        OperatorScript.parse(text)


def test_a_file_is_named_too(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"no\.yaml: the script can't be read: No such file"):
        OperatorScript.read(tmp_path / "no.yaml")
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(ScriptError, match=r"bad\.yaml: the script is no UTF-8"):
        OperatorScript.read(tmp_path / "bad.yaml")
    (tmp_path / "empty.yaml").write_text("steps: []")
    with pytest.raises(ScriptError, match=r"empty\.yaml: expected at least one step"):
        OperatorScript.read(tmp_path / "empty.yaml")


class Stage:
    """Plays a script twenty times a second; ROS time passes at `pace`."""

    def __init__(self, text: str, pace: float = 1.0) -> None:
        self.player = ScriptPlayer(OperatorScript.parse(text))
        self.pace = pace
        self.real = 0.0
        self.hands: list[Hands] = []
        self.asked: list[Label | Arm] = []

    def play(self, seen: Surroundings, seconds: float = 60.0, follow: float = 0.0) -> float | None:
        """Until the end or for some real seconds; teleoperation follows a press after `follow` of them."""
        pressed = None
        until = self.real + seconds
        while self.real < until:
            controls = pressed is not None and self.real - pressed >= follow and seen.controls
            moment = self.player.advance(
                Instant(self.real, 100 + self.pace * self.real),
                Surroundings(seen.ready, controls, seen.gate_follows, "busy", "latched", seen.answer),
            )
            self.hands.append(moment.hands)
            if moment.ask is not None:
                self.asked.append(moment.ask)
            pressed = (pressed if pressed is not None else self.real) if moment.hands.deadman else None
            if moment.is_done:
                return self.real
            self.real += 0.05
        return None


FOLLOWED = Surroundings(frozenset({"recorder", "gate", "teleop", "odometry"}), True, answer="")


@pytest.mark.parametrize("pace", [0.25, 1.0, 4.0])
def test_durations_are_ros_time_and_begin_when_teleoperation_follows(pace: float) -> None:
    stage = Stage("steps: [{for: 2.0, forward: 0.5}, {release: 1.0}, {for: 1.0, turn: 1.0}]", pace)
    assert stage.play(FOLLOWED, follow=0.2) is not None
    forward = sum(one.forward == 0.5 for one in stage.hands)
    turn = sum(one.turn == 1.0 for one in stage.hands)
    assert forward * 0.05 == pytest.approx(2.0 / pace, abs=0.11)
    assert turn * 0.05 == pytest.approx(1.0 / pace, abs=0.11)
    assert not stage.hands[0].deadman
    assert not stage.hands[-1].deadman
    assert sum(one.deadman for one in stage.hands[:6]) == 0, "a release comes before the first press"


def test_labels_and_arming_are_asked_for_once_and_answers_awaited() -> None:
    stage = Stage("steps: [{episode: start}, {arm: true}]")
    assert stage.play(Surroundings(answer=None), seconds=3.0) is None
    assert [type(one) for one in stage.asked] == [Label]
    assert stage.play(FOLLOWED) is not None
    assert [type(one) for one in stage.asked] == [Label, Arm]


@pytest.mark.parametrize(
    ("text", "seen", "words"),
    [
        ("[{episode: keep}]", Surroundings(answer="no episode"), "episode: keep was refused: no episode"),
        ("[{arm: true}]", Surroundings(answer="pressed"), "step 1 of 1: arm was refused: pressed"),
        ("[{episode: keep}]", Surroundings(), "episode: keep: no answer within 20 s"),
        ("[{wait_for: gate, within: 3}]", Surroundings(), "waited 3 s in vain for gate"),
        ("[{for: 1}]", Surroundings(FOLLOWED.ready), "teleoperation doesn't follow: busy"),
        (
            "[{for: 1}]",
            Surroundings(FOLLOWED.ready, controls=True, gate_follows=False),
            "the gate doesn't follow teleoperation: latched",
        ),
    ],
)
def test_a_script_that_cant_go_on_says_why(text: str, seen: Surroundings, words: str) -> None:
    with pytest.raises(ScriptError, match=words):
        Stage(f"steps: {text}").play(seen)


def test_losing_control_on_the_way_ends_the_script() -> None:
    stage = Stage("steps: [{for: 10.0, forward: 1.0}]")
    stage.play(FOLLOWED, seconds=2.0)
    assert stage.hands[-1].forward == 1.0
    with pytest.raises(ScriptError, match="control was lost: teleoperation doesn't follow: busy"):
        stage.play(Surroundings(FOLLOWED.ready, controls=False))


def test_an_emergency_stop_is_held_and_nothing_else() -> None:
    stage = Stage("steps: [{emergency_stop: 1.0}]")
    stage.play(FOLLOWED)
    pressed = [one for one in stage.hands if one.emergency_stop]
    assert len(pressed) == pytest.approx(20, abs=1)
    assert set(pressed) == {Hands(emergency_stop=True)}
