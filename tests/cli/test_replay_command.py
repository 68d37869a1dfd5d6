"""`cairn replay`, as its user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from replay_bags import COMMAND, TYPES, altered, drive, open_bag, twist_stamped

from cairn.cli.main import main
from cairn.episodes.bag_reader import BagReader
from cairn.evaluation.replay.recorded_world import OPEN_GROUND, RecordedWorld

SECOND = 1_000_000_000


@pytest.fixture(scope="module")
def bag(tmp_path_factory) -> Path:
    return drive(tmp_path_factory.mktemp("bags") / "run", Path(OPEN_GROUND), seconds=10.0)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_info:
        main(["replay", *map(str, words)])
    output = capsys.readouterr()
    return exit_info.value.code, output.out, output.err


def test_commands_pass_and_leave_a_report(bag, tmp_path, capsys) -> None:
    code, output, _ = run(
        capsys, bag, "--as", "commands", "--robot", "sim_jackal", "--output", tmp_path / "out"
    )
    assert code == 0, output
    assert "passed" in output
    assert "repeated to the last digits" in output
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["replay.html", "replay.json", "replay.png"]


def test_altered_commands_fail_and_are_named(bag, tmp_path, capsys) -> None:
    copy = altered(bag, tmp_path / "copy", lambda t, v, w: (t, v, -w))
    code, output, _ = run(capsys, copy, "--as", "commands", "--json")
    assert code == 1
    result = json.loads(output)
    assert not result["passed"]
    assert result["axes"]["angular"]["reversed"]
    assert any(finding.startswith("sign: the angular") for finding in result["findings"])


def test_tolerances_decide(bag, tmp_path, capsys) -> None:
    copy = altered(bag, tmp_path / "copy", lambda t, v, w: (t, 1.05 * v, w))
    loose = ("--tolerance-distance", "5", "--tolerance-heading", "360", "--tolerance-gain", "1")
    assert run(capsys, copy, "--as", "commands")[0] == 1
    assert run(capsys, copy, "--as", "commands", *loose)[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--as", "commands", "--world", "moon"], "a world must be one of suburb, campus"),
        (["--as", "commands", "--robot", "jackal"], "--robot must be sim_jackal, got 'jackal'"),
        (["--as", "commands", "--start", "100"], "--start 100 lies beyond the end"),
        (["--as", "commands", "--tolerance-heading", "0"], "tolerance heading must be positive"),
        (["--as", "frames"], "expected a topic sensors/camera/image in the bag"),
        (["--as", "topics", "--episode", "9"], "the bag has no episode '9'; it has 000"),
    ],
)
def test_bad_input_exits_2_with_a_message(bag, tmp_path, capsys, options, message) -> None:
    if "frames" in options:
        writer = open_bag(tmp_path / "blind", topics={COMMAND: TYPES[COMMAND]})
        writer.write(COMMAND, twist_stamped(SECOND, 0.0, 0.0), SECOND, SECOND)
        writer.close()
        bag = tmp_path / "blind"
    code, _, errors = run(capsys, bag, *options)
    assert code == 2
    assert message in errors
    assert "Traceback" not in errors


def test_commands_and_frames_need_no_ros(bag, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "rclpy", None)
    assert run(capsys, bag, "--as", "commands", "--duration", 4)[0] == 0


def test_topics_are_played_by_the_player(bag, tmp_path) -> None:
    program = "import sys; from cairn.cli.main import main; main(sys.argv[1:])"
    options = ["--rate", "20", "--topic", "odom/*", "--topic", "platform/*", "--output", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", program, "replay", str(bag), *options],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "playback.json").read_text())
    assert list(figures["topics"]) == ["/platform/odom/filtered"]
    assert figures["messages"] > 450


def test_a_world_is_recovered_from_parameters(bag) -> None:
    world = RecordedWorld.of(BagReader(bag))
    assert world is not None
    assert (world.world, world.seed, world.conditions) == (OPEN_GROUND, 3, "clear")
