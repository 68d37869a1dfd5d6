"""The whole recipe on computed worlds, the plan's limits, and the curves."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from synthetic_drive import room_frames

from cairn.hardware.errors import CairnError
from cairn.policies.bundle import load_bundle
from cairn.policies.recon import train_recon as recipe
from cairn.policies.recon.collect import FIELDS, world_file
from cairn.policies.recon.train_recon import TrainingEvents, train_recon
from cairn.policies.recon.training import load_model
from cairn.policies.recon.training_plan import TrainingPlan
from cairn.policies.training.curves import Curves, read_curves
from cairn.policies.training.stopped import TrainingStoppedError


def plan(path: Path = Path("out"), **changes) -> TrainingPlan:
    options = {"worlds": 2, "steps": 3, "jobs": 1, "device": "cpu", "validation_seeds": range(1000, 1002)}
    return TrainingPlan(path / "bundle", path / "work", "cairn train recon", **(options | changes))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"worlds": 1}, r"worlds must lie in \[2, 1000\]: training seeds are 0 to 999, got 1"),
        ({"worlds": 1001}, "training seeds are 0 to 999, got 1001"),
        ({"seed": -1}, r"seed must lie in \[0, 4294967295\], got -1"),
        ({"steps": 0}, "steps and jobs must be at least 1, got 0 and 1"),
        ({"fusion": "middle"}, "fusion must be one of late, early, got 'middle'"),
        ({"encoder": "vit"}, "encoder must be one of compact, mobilenet, got 'vit'"),
        ({"device": "tpu"}, "device must be one of auto, cpu, cuda, got 'tpu'"),
        ({"threshold": 1.0}, r"probability in \(0, 1\), got 1.0"),
        ({"threshold": float("nan")}, r"probability in \(0, 1\), got nan"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(change, message):
    with pytest.raises(CairnError, match=message):
        plan(**change)


def test_no_world_that_training_may_not_see_is_reachable():
    assert plan(worlds=1000).worlds == 1000
    assert min(plan().validation_seeds) >= 1000
    assert max(TrainingPlan(Path(), Path(), "").validation_seeds) < 2000


@pytest.fixture
def collected(tmp_path):
    """Frames in the place of collected ones, in the policy's own image size."""
    for directory, seeds in (("worlds", range(2)), ("validation", range(1000, 1002))):
        (tmp_path / "work" / directory).mkdir(parents=True)
        for seed in seeds:
            frames = room_frames(seed, steps=30, strays=10)
            image = np.repeat(np.repeat(frames.image, 4, axis=1), 2, axis=2)
            frames = replace(frames, image=image)
            arrays = {name: getattr(frames, name) for name in FIELDS}
            np.savez(world_file(tmp_path / "work" / directory, seed), **arrays)
    return tmp_path


def small_batches(monkeypatch):
    real = recipe.GroupSampler
    monkeypatch.setattr(recipe, "GroupSampler", lambda *a, **k: real(*a, **k, groups=2, views=6))
    real_diagnose = recipe.diagnose
    monkeypatch.setattr(recipe, "diagnose", lambda *a, **k: real_diagnose(*a, **(k | {"batches": 1})))


def test_a_stopped_run_goes_on_to_the_same_bundle(collected, monkeypatch):
    small_batches(monkeypatch)
    rows, seen = [], []
    events = TrainingEvents(
        collected=lambda directory, done, total: seen.append((directory.name, done, total)),
        losses=rows.append,
        diagnosed=lambda step, metrics: seen.append(("diagnosed", step)),
        should_stop=lambda: len(rows) == 0 and checkpointed(),
    )
    steps = []

    def checkpointed():
        steps.append(1)
        return len(steps) > 1

    with pytest.raises(
        TrainingStoppedError, match=r"training stopped at step 1 of 3; .*checkpoint\.pt is saved"
    ):
        train_recon(plan(collected), events)
    assert seen == [("worlds", 2, 2), ("validation", 2, 2)]
    assert not (collected / "bundle").exists()
    bundle = train_recon(plan(collected), replace(events, should_stop=lambda: False))
    assert seen[-1] == ("diagnosed", 3)
    assert [row["step"] for row in rows] == [1, 3]
    resumed = load_model(collected / "work" / "checkpoint.pt").state_dict()

    (collected / "work" / "checkpoint.pt").unlink()
    train_recon(plan(collected))
    whole = load_model(collected / "work" / "checkpoint.pt").state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)

    again = load_bundle(collected / "bundle")
    assert again.manifest.provenance.command == "cairn train recon"
    assert again.manifest.provenance.seed == 0
    assert {"kl", "threshold", "auc"} <= again.manifest.provenance.metrics.keys()
    assert 0 <= again.manifest.parameters["match_threshold"] <= 1
    assert bundle.manifest.graphs.keys() == {"encode", "compare", "decode"}
    card = (collected / "bundle" / "MODEL_CARD.md").read_text()
    assert "seeds 0-1" in card
    assert "## Signs of posterior collapse" in card
    assert [row["step"] for row in read_curves(collected / "work" / "curves.jsonl")] == [3]


def test_the_threshold_is_that_of_the_recogniser_a_bundle_makes(collected, monkeypatch):
    small_batches(monkeypatch)
    asked = []

    def calibrate(directory):
        asked.append(load_bundle(directory))
        return 0.8125

    bundle = train_recon(plan(collected), calibrate=calibrate)
    assert bundle.manifest.parameters["match_threshold"] == 0.8125
    assert asked[0].manifest.graphs == bundle.manifest.graphs
    train_recon(replace(plan(collected), threshold=0.5), calibrate=calibrate)
    assert len(asked) == 1
    assert load_bundle(collected / "bundle").manifest.parameters["match_threshold"] == 0.5


def test_another_seed_in_the_same_place_is_refused(collected, monkeypatch):
    small_batches(monkeypatch)
    with pytest.raises(TrainingStoppedError):
        train_recon(plan(collected), TrainingEvents(should_stop=lambda: True))
    with pytest.raises(CairnError, match=r"was trained with .*seed=0.*expected .*seed=1"):
        train_recon(plan(collected, seed=1))


def test_cuda_where_there_is_none_is_refused(collected, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(CairnError, match="torch finds no GPU"):
        train_recon(plan(collected, device="cuda"))


def test_curves_drop_what_was_lost_and_what_was_cut_off(tmp_path):
    path = tmp_path / "curves.jsonl"
    curves = Curves(path, 0)
    for step in (50, 100, 150):
        curves.append({"step": step, "match": 0.5 / step})
    with path.open("a") as file:
        file.write('{"step": 2')
    assert [row["step"] for row in read_curves(path)] == [50, 100, 150]
    Curves(path, 100).append({"step": 150, "match": 0.25})
    assert [json.loads(line) for line in path.read_text().splitlines()][-1] == {"step": 150, "match": 0.25}
    assert [row["step"] for row in read_curves(path)] == [50, 100, 150]
    assert [file.name for file in tmp_path.iterdir()] == ["curves.jsonl"]
