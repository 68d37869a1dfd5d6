"""The scripted expert does every task, through the hands and the gate, as a person would."""

import json

import numpy as np
import pytest

from cairn.cli.main import main
from cairn.episodes.bridge.open_bridge import bridge_sources
from cairn.hardware.errors import CairnError
from cairn.hardware.sim.kitchens.tasks import TASKS
from cairn.policies.bridge.expert.demonstrate import demonstrate
from cairn.policies.bridge.expert.scripts import SCRIPTS, script_of

SMALL = (64, 48)


def run(capsys, *words):
    with pytest.raises(SystemExit) as exit_info:
        main(["episodes", "bridge", "generate", *map(str, words)])
    output = capsys.readouterr()
    return exit_info.value.code, output.out, output.err


def test_there_is_a_script_for_every_task():
    assert set(SCRIPTS) == set(TASKS)
    with pytest.raises(CairnError, match="the expert can't do 'fly'; valid: put_carrot"):
        script_of("fly")


@pytest.mark.parametrize("task", TASKS)
def test_it_does_every_task_and_keeps_bridges_contract(task):
    domains = ("oak_table", "steel_sink", "black_stove")
    demonstration = demonstrate(domains[0], task, 0, SMALL)
    if not demonstration.succeeded:  # it is as fallible as a person, but not twice
        demonstration = demonstrate(domains[1], task, 1, SMALL)
    assert demonstration.succeeded, demonstration.ending
    steps = list(demonstration.steps())
    assert demonstration.info.language == (TASKS[task].instruction,)
    assert steps[-1].action is None
    actions = np.stack([step.action for step in steps[:-1]])
    assert np.linalg.norm(actions[:, :3], axis=1).max() <= 0.0501
    assert np.abs(actions[:, 3:6]).max() <= 0.25
    assert set(actions[:, 6]) <= {0.0, 1.0}
    assert steps[0].pictures[0].pixels().shape == (48, 64, 3)
    # Deltas between targets add up to where the hand went; it lags by a step at most.
    states = np.stack([step.state for step in steps])
    went = states[0, :3] + np.cumsum(actions[:, :3], axis=0)
    assert np.abs(went - states[1:, :3]).max() < 0.06
    assert np.diff([step.stamp for step in steps]) == pytest.approx(0.2)


def test_equal_seeds_give_equal_demonstrations():
    first, again = (demonstrate("oak_table", "close_drawer", 3, SMALL) for _ in range(2))
    for one, other in zip(first.steps(), again.steps(), strict=True):
        assert (one.state == other.state).all()
        assert one.pictures[0].data == other.pictures[0].data


def test_generated_demonstrations_are_read_back_and_not_made_twice(tmp_path, capsys):
    asked = (tmp_path / "demos", "--tasks=close_drawer,turn_lever", "--domains=oak_table", "--seeds=0-1")
    code, output, error = run(capsys, *asked, "--jobs=2", "--json")
    assert code == 0, error
    said = json.loads(output)
    assert {task: row["tried"] for task, row in said["tasks"].items()} == {"close_drawer": 2, "turn_lever": 2}
    kept = sum(row["kept"] for row in said["tasks"].values())
    assert kept >= 3
    openers = [opener for source in bridge_sources(tmp_path / "demos" / "kept") for opener in source()]
    assert len(openers) == kept
    trajectory = openers[0]()
    steps = list(trajectory.steps())
    assert trajectory.info.language[0] in ("close the drawer", "turn the lever to the right")
    assert steps[0].pictures[0].size == (320, 240)
    labels = [json.loads(line) for line in (tmp_path / "demos" / "labels.jsonl").read_text().splitlines()]
    assert len(labels) == 4
    assert sum(label["succeeded"] for label in labels) == kept
    assert json.loads(run(capsys, *asked, "--json")[1])["tasks"] == {}


@pytest.mark.parametrize(
    ("option", "words"),
    [("--seeds=0-3000", "within 0-2999"), ("--seeds=x", "within"), ("--tasks=fly", "can't do 'fly'")],
)
def test_what_can_not_be_generated_is_refused(tmp_path, capsys, option, words):
    code, _, error = run(capsys, tmp_path / "demos", option)
    assert code == 2
    assert words in error
