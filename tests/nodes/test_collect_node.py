"""The simulated Jackal collects by itself: contacts, labels, episodes, limits, and an end."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from math import hypot
from pathlib import Path

import pytest
from collect_rig import launch_collect, recorded

from cairn.episodes.episode import Verdict

TAKEOVERS = """
steps:
  - {wait_for: recorder}
  - {wait_for: odometry}
  - {release: 10.0}
  - repeat: 3
    steps: [{for: 1.5, forward: 0.2}, {release: 7.0}]
"""


@pytest.mark.timeout(280)
def test_a_random_drive_is_labelled_and_a_hand_may_take_over(tmp_path: Path) -> None:
    """Blind, in a yard of 15 m, within 6 m of its start by the west wall."""
    script = tmp_path / "takeovers.yaml"
    script.write_text(TAKEOVERS)
    status, output = launch_collect(
        tmp_path,
        "collect",
        collect="true",
        time_budget="50.0",
        geofence_radius="6.0",
        seed="3",
        script=str(script),
    )
    assert status == 0, output
    assert "the collection is over: the time budget is spent" in output

    reader, episodes = recorded(tmp_path)

    def decoded(topic: str) -> list[object]:
        return [reader.decode(message) for message in reader.messages([topic])]

    assert episodes
    assert all(one.end and one.verdict is not Verdict.UNDECIDED for one in episodes)
    assert any(one.verdict is Verdict.KEPT for one in episodes)
    assert {one.task for one in episodes} == {"collect"}
    places = [one.pose.pose.position for one in decoded("/platform/odom/filtered")]
    assert max(hypot(one.x - places[0].x, one.y - places[0].y) for one in places) < 6.0
    assert sum(hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(places)) > 8.0
    labels = decoded("/collection/collision")
    felt = decoded("/simulation/collision")
    assert not any(one.outside_geofence for one in labels)
    assert any(one.physical for one in labels) == any(one.physical for one in felt)
    assert (labels[-1].collisions > 0) == (felt[-1].collisions > 0)
    sources = {one.source for one in decoded("/gate/status")}
    assert {"policy", "teleop"} <= sources
    # A takeover between two episodes belongs to none.
    assert any(one.interventions for one in episodes)
    assert "script took over" in "".join(one.note for one in episodes)
    assert decoded("/cmd_vel")[-1].twist.linear.x == 0.0


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (["geofence:=[0.0, 0.0, 5.0, 0.0, 5.0]"], "a geofence needs pairs x, y, got 5 numbers"),
        (["geofence_radius:=5.0", "geofence:=[0.0, 0.0, 5.0, 0.0, 5.0, 5.0]"], "got both"),
        (["speed:=9.0"], "parameter speed: expected float from 0.05 to 2, got 9.0"),
        (["bundle:=nowhere"], "nowhere"),
    ],
)
def test_bad_parameters_are_refused(parameters: list[str], words: str) -> None:
    arguments = [part for one in parameters for part in ("-p", one)]
    done = subprocess.run(
        [sys.executable, "-m", "cairn.nodes.collect_node", "--ros-args", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 2
    assert words in done.stderr
