"""`cairn train recon`: what it refuses, and how Ctrl-C ends it."""

import os
import re
import signal
from math import nan
from pathlib import Path

import pytest

from cairn.cli.main import main
from cairn.evaluation import recognition_benchmark, worker_pool
from cairn.policies.recon import train_recon as recipe
from cairn.policies.training.recording import Recording


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["train", "recon", *words])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--worlds", "1001"], "worlds must lie in [2, 1000]: training seeds are 0 to 999, got 1001"),
        (["--worlds", "1"], "got 1"),
        (["--seed", "-1"], "seed must lie in [0, 4294967295], got -1"),
        (["--fusion", "both"], "fusion must be one of late, early, got 'both'"),
        (["--worlds", "0"], "nothing to learn from: give at least 2 worlds, or recordings"),
        (["bags/park=much"], "expected PATH or PATH=WEIGHT such as bags/park=2.0, got 'bags/park=much'"),
        (["bags/nowhere"], "there is no bags/nowhere: expected a bag or a data set of RECON, GNM or LeRobot"),
        (["--from", "nowhere.pt"], "there is no nowhere.pt: expected a bundle's directory, the name of"),
        (["--threshold", "2"], "threshold must be a probability in (0, 1), got 2.0"),
    ],
)
def test_what_is_out_of_range_is_refused_and_nothing_written(words, message, tmp_path, capsys):
    assert run("--work", str(tmp_path / "w"), "--output", str(tmp_path / "o"), *words) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_stops_between_steps_and_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    before = signal.getsignal(signal.SIGINT)

    def training(plan, events, **_):
        events.trained(1, plan.steps)
        assert not events.should_stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert events.should_stop()
        # A second one would interrupt at once.
        assert signal.getsignal(signal.SIGINT) is before
        raise recipe.TrainingStoppedError("training stopped at step 7 of 9; it is saved")

    monkeypatch.setattr(recipe, "train_recon", training)
    assert run("--work", str(tmp_path)) == 130
    assert "training stopped at step 7 of 9" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_recordings_weights_and_the_start_reach_the_plan(tmp_path, monkeypatch, capsys):
    def training(plan, events, **_):
        assert plan.recordings == (Recording(Path("park")), Recording(Path("yard"), 2.5))
        assert (plan.worlds, plan.world_weight, plan.validation) == (0, 0.5, 0.25)
        assert (plan.start, plan.learning_rate, plan.camera_fov) == (Path("bundle"), 1e-4, 90.0)
        events.diagnosed(3, {"kl": 2.0})
        raise recipe.TrainingStoppedError("enough")

    monkeypatch.setattr(recipe, "train_recon", training)
    options = (
        "--worlds 0 --world-weight 0.5 --validation 0.25 --from bundle --learning-rate 1e-4 --camera-fov 90"
    )
    assert run("park", "yard=2.5", *options.split()) == 130
    assert "held-out recordings after step 3: kl 2" in capsys.readouterr().err


def test_curves_and_signs_of_collapse_are_printed(tmp_path, monkeypatch, capsys):
    def training(plan, events, **_):
        assert (plan.worlds, plan.steps, plan.seed, plan.work) == (5, 8, 3, tmp_path)
        events.collected(tmp_path, 2, 5)
        events.losses({"step": 50, "seconds": 1.25, "match": 0.625})
        events.diagnosed(50, {"kl": 0.01, "auc": 0.9, "recall_8_12": nan})
        raise recipe.TrainingStoppedError("enough")

    monkeypatch.setattr(recipe, "train_recon", training)
    assert run("--work", str(tmp_path), "--worlds", "5", "--steps", "8", "--seed", "3") == 130
    printed = capsys.readouterr().err
    assert "step 50  seconds 1.25  match 0.625" in printed
    assert "tuning worlds after step 50: kl 0.01  auc 0.9  recall_8_12 nan" in printed
    assert "the posterior may have collapsed: KL is 0.01 nats" in printed.replace("\n", " ")


def test_a_calibration_file_reaches_the_plan_as_a_camera(tmp_path, monkeypatch, capsys):
    given = []

    def training(plan, events, **_):
        given.append(plan.camera)
        raise recipe.TrainingStoppedError("enough")

    monkeypatch.setattr(recipe, "train_recon", training)
    file = tmp_path / "fisheye.yaml"
    file.write_text(
        "image_width: 640\nimage_height: 480\ncamera_matrix: {data: [272, 0, 320, 0, 266, 240, 0, 0, 1]}\n"
        "distortion_model: equidistant\ndistortion_coefficients: {data: [-0.04, -0.01, 0.004, -0.001]}\n"
    )
    assert run("park", "--worlds", "0", "--camera-info", str(file)) == 130
    assert (given[0].distortion_model, given[0].fx, given[0].width) == ("equidistant", 272.0, 640)
    assert run("park", "--worlds", "0", "--camera-info", str(file), "--camera-fov", "90") == 2
    assert "by a calibration or by camera_fov, got both" in capsys.readouterr().err


def test_choosing_the_threshold_shows_how_far_it_is(tmp_path, monkeypatch, capsys):
    seeds = []

    def jobs_that_finish(function, arguments, jobs):
        assert (function, jobs) == (recognition_benchmark.record_world, 3)
        for bundle, seed, _ in arguments:
            seeds.append((bundle, seed))
            yield seed

    def training(plan, events, calibrate, **_):
        assert calibrate(tmp_path / "uncalibrated") == 0.25
        raise recipe.TrainingStoppedError("enough")

    monkeypatch.setattr(recipe, "train_recon", training)
    monkeypatch.setattr(worker_pool, "run_jobs", jobs_that_finish)
    monkeypatch.setattr(recognition_benchmark, "choose_threshold", lambda records: 0.01 * len(records) + 0.13)
    assert run("--work", str(tmp_path), "--jobs", "3") == 130
    count = len(recognition_benchmark.CALIBRATION)
    assert seeds == [(str(tmp_path / "uncalibrated"), seed) for seed in recognition_benchmark.CALIBRATION]
    assert re.search(rf"choosing the match threshold .* {count}/{count}", capsys.readouterr().err)
