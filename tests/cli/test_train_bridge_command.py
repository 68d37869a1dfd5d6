"""`cairn train bridge` and `cairn bench bridge-windows`, as their user runs them."""

import json
import os
import signal
from pathlib import Path

import pytest
from test_episode_bridge import raw_folder

from cairn.cli.main import main
from cairn.policies.bridge import train_bridge as recipe
from cairn.policies.bundle import load_bundle
from cairn.policies.training.recording import Recording


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "nothing to learn from: give data sets of Bridge Data"),
        (["demos", "--model", "v3"], "model must be one of small, v1, v2, got 'v3'"),
        (["demos", "--size", "128"], "size is for model v2 and must be 128 or 256, got 128 for small"),
        (["demos", "--cameras", "left"], "cameras must be numbers such as \"0,2\", got 'left'"),
        (["demos=much"], "expected PATH or PATH=WEIGHT"),
        (["demos", "--relabel", "dreamt"], "relabelling must be one of recorded, reached, got 'dreamt'"),
        (["demos", "--steps", "0"], "steps and batch must be at least 1, got 0 and 64"),
        (["nowhere"], "nowhere is not there"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_written(words, message, tmp_path, capsys):
    assert run("train", "bridge", "--work", tmp_path / "w", "--output", tmp_path / "o", *words) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_options_reach_the_plan(tmp_path, monkeypatch, capsys):
    def training(plan, events):
        assert plan.data == (Recording(Path("prior")), Recording(Path("other"), 2.5))
        assert (plan.target, plan.target_share) == ((Recording(Path("home")),), 0.1)
        assert (plan.model.kind, plan.model.width, plan.model.horizon) == ("v2", 256, 4)
        assert (plan.training.steps, plan.training.batch, plan.training.average) == (7, 16, 0.5)
        assert (plan.execute, plan.blocking, plan.relabelling, plan.cameras) == (2, True, "reached", (0, 2))
        events.left_out("a torn file")
        events.judged(7, {"model_error": 0.5, "mean_error": 1.0, "copy_last_error": 0.75})
        os.kill(os.getpid(), signal.SIGINT)
        assert events.should_stop()
        raise recipe.TrainingStoppedError("training stopped at step 7 of 9; it is saved")

    monkeypatch.setattr(recipe, "train_bridge", training)
    words = (
        "prior other=2.5 --target home --target-share .1 --model v2 --size 256 --horizon 4 --steps 7 "
        "--batch 16 --average .5 --execute 2 --blocking --relabel reached --cameras 2,0"
    )
    assert run("train", "bridge", "--work", tmp_path, *words.split()) == 130
    said = " ".join(capsys.readouterr().err.split())
    assert "left out: a torn file" in said
    assert "after step 7: model 0.500 mean 1.000 copy_last 0.750" in said
    assert "training stopped at step 7 of 9" in said


def test_raw_folders_become_a_bundle(tmp_path, capsys):
    for number in range(3):
        raw_folder(tmp_path / f"in/traj{number}")
    words = ["--steps", 2, "--batch", 4, "--jobs", 1, "--device", "cpu", "--horizon", 3]
    out = tmp_path / "bundle"
    assert run("train", "bridge", tmp_path / "in", "--work", tmp_path / "w", "--output", out, *words) == 0
    manifest = load_bundle(out).manifest
    assert manifest.goal.tasks == ("put the carrot on the plate",)
    assert manifest.actions[0].horizon == 3
    assert "2/2" in capsys.readouterr().err


def test_windows_are_judged_fold_by_fold(tmp_path, capsys):
    for number in range(4):
        raw_folder(tmp_path / f"in/traj{number}")
    report = tmp_path / "report.json"
    options = ["--folds", 2, "--steps", 2, "--work", tmp_path / "w", "--json", report]
    assert run("bench", "bridge-windows", tmp_path / "in", *options) == 0
    content = json.loads(report.read_text())
    assert (content["demonstrations"], content["folds"], content["last_action"]) == (4, 2, True)
    methods = content["methods"]
    assert set(methods) == {"model", "mean", "copy_last", "persistence"}
    # All demonstrations are one action over and over.
    for method in ("copy_last", "mean"):
        assert methods[method]["error"] == pytest.approx(0, abs=1e-6)
    assert content["model_beats"]["copy_last"]["ratio"] is None
    assert methods["model"]["interval"][0] <= methods["model"]["error"] <= methods["model"]["interval"][1]
    shown = capsys.readouterr().out
    assert "4 held-out demonstrations" in shown
    assert "last action" in shown
    assert run("bench", "bridge-windows", tmp_path / "in", "--folds", 9, "--work", tmp_path / "w") == 2
    assert "expected at least 9 demonstrations, one a fold, got 4" in capsys.readouterr().err
    assert run("bench", "bridge-windows", tmp_path / "in", "--folds", 1, "--work", tmp_path / "w") == 2
