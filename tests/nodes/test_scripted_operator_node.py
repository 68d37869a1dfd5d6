"""A script drives the simulated Jackal through the real gate and labels an episode of a real recording."""

from __future__ import annotations

import subprocess
import sys
from math import hypot
from pathlib import Path

import pytest
from collect_rig import launch_collect, recorded

from cairn.episodes.episode import Outcome, Verdict

DRIVE = """
controller: tester
steps:
  - {wait_for: recorder}
  - {wait_for: gate}
  - {wait_for: odometry}
  - {episode: start, task: cross the yard, operator: nobody, name: crossing}
  - {for: 6.0, forward: 1.0}
  - {release: 1.0}
  - {episode: success, note: straight on}
  - {episode: keep}
"""


@pytest.mark.timeout(280)
def test_a_script_drives_a_few_metres_and_labels_an_episode(tmp_path: Path) -> None:
    script = tmp_path / "drive.yaml"
    script.write_text(DRIVE)
    status, output = launch_collect(tmp_path, "scripted_operator", script=str(script))
    assert status == 0, output
    assert "tester drives" in output
    assert "the script is done" in output

    reader, episodes = recorded(tmp_path)
    assert [(one.name, one.verdict, one.outcome) for one in episodes] == [
        ("crossing", Verdict.KEPT, Outcome.SUCCESS)
    ]
    assert (episodes[0].task, episodes[0].operator) == ("cross the yard", "nobody")
    assert "straight on" in episodes[0].note

    def decoded(topic: str) -> list[object]:
        return [reader.decode(message) for message in reader.messages([topic])]

    track = [
        (one.pose.pose.position.x, one.pose.pose.position.y) for one in decoded("/simulation/ground_truth")
    ]
    driven = hypot(track[-1][0] - track[0][0], track[-1][1] - track[0][1])
    assert 2.2 < driven < 3.6, "six seconds at half a metre a second"
    commands = [one.twist.linear.x for one in decoded("/cmd_vel")]
    assert max(commands) == pytest.approx(0.5)
    assert commands[-1] == 0.0
    assert {one.source for one in decoded("/gate/status")} == {"", "teleop"}
    driving = [one for one in decoded("/teleop/status") if one.deadman]
    assert {one.controller for one in driving} == {"tester"}


def play(script: Path) -> tuple[int, str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cairn.nodes.scripted_operator_node",
            "--ros-args",
            "-p",
            f"script:={script}",
        ],
        capture_output=True,
        text=True,
        timeout=100,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("[{episode: keep}]", "episode: keep was refused: nobody serves /recorder/episode"),
        ("[{arm: true}]", "arm was refused: nobody serves /gate/arm"),
        ("[{wait_for: teleop, within: 0.5}]", "waited 0.5 s in vain for teleop"),
        ("[{for: never}]", "step 1: for: expected a number, got 'never'"),
    ],
)
def test_what_cant_go_on_is_a_failure(tmp_path: Path, steps: str, words: str) -> None:
    script = tmp_path / "script.yaml"
    script.write_text(f"steps: {steps}")
    status, errors = play(script)
    assert status == 2
    assert words in errors


def test_a_script_without_obstacles_ends_well(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("steps: [{release: 0.2}]")
    assert play(script)[0] == 0
