"""Training stops and goes on exactly where it stopped, and refuses what is of another."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from square_demonstrations import TINY, brief, with_tasks, write_rlds

from cairn.hardware.errors import CairnError
from cairn.policies.bridge.frame_store import FrameSettings, open_frames
from cairn.policies.bridge.model import BridgeModel
from cairn.policies.bridge.sampler import BatchSampler
from cairn.policies.bridge.starting_weights import take_weights
from cairn.policies.bridge.trainer import Trainer
from cairn.policies.bridge.training_data import labelled, statistics_of


@pytest.fixture(scope="module")
def demonstrations(tmp_path_factory):
    path = tmp_path_factory.mktemp("data")
    return labelled(open_frames(write_rlds(path / "a", 6), path, FrameSettings.of(TINY)), "recorded")


def trainer(demonstrations, steps=8, model=None, facts="", **options) -> Trainer:
    model, settings = model or with_tasks(), brief(steps, **options)
    sampler = BatchSampler(demonstrations, model, settings, statistics_of(demonstrations))
    return Trainer(BridgeModel.seeded(model, settings.seed), sampler, settings, facts)


def quiet(row) -> None:
    pass


def same(a: Trainer, b: Trainer) -> bool:
    ours, theirs = a.trained_model().state_dict(), b.trained_model().state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize(
    "model", [with_tasks(), replace(with_tasks(), dropout=0.5, last_action=True, horizon=3)]
)
def test_a_resumed_run_equals_an_uninterrupted_one(demonstrations, model, tmp_path):
    path = tmp_path / "checkpoint.pt"
    whole = trainer(demonstrations, model=model, average=0.9)
    whole.run(8, quiet)
    first = trainer(demonstrations, model=model, average=0.9)
    first.run(5, quiet)
    first.save(path)
    resumed = trainer(demonstrations, model=model, average=0.9)
    resumed.run(2, quiet)  # its generators have moved on; the checkpoint must put them back
    resumed.resume(path)
    assert (resumed.step, resumed.seconds) == (5, first.seconds)
    resumed.run(8, quiet)
    assert same(whole, resumed)
    assert not same(whole, first)
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_the_same_seed_gives_the_same_weights_and_another_does_not(demonstrations):
    made = [trainer(demonstrations, 2, seed=seed) for seed in (0, 0, 1)]
    for one in made:
        one.run(2, quiet)
    assert same(made[0], made[1])
    assert not same(made[0], made[2])


def test_the_average_follows_behind(demonstrations):
    made = trainer(demonstrations, 30, average=0.99, learning_rate=5e-3)
    made.run(30, quiet)
    last = trainer(demonstrations, 30, average=0.0, learning_rate=5e-3)
    last.run(30, quiet)
    now = last.model.state_dict()
    for name, value in last.trained_model().state_dict().items():
        assert torch.equal(value, now[name]), name
    assert not same(made, last)


def test_checkpoints_of_others_and_damaged_ones_are_refused(demonstrations, tmp_path):
    path = tmp_path / "c.pt"
    trainer(demonstrations, facts="ours").save(path)
    with pytest.raises(
        CairnError, match=r"another training, in horizon: it has 1, expected 2: choose another"
    ):
        trainer(demonstrations, model=replace(with_tasks(), horizon=2), facts="ours").resume(path)
    with pytest.raises(CairnError, match="in seed: it has 0, expected 3"):
        trainer(demonstrations, seed=3, facts="ours").resume(path)
    with pytest.raises(CairnError, match="in data: it has 'ours', expected 'theirs'"):
        trainer(demonstrations, facts="theirs").resume(path)
    trainer(demonstrations, steps=20, facts="ours").resume(path)
    whole = path.read_bytes()
    for content in (b"", b"hello", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(CairnError, match=r"c\.pt is not a checkpoint"):
            trainer(demonstrations).resume(path)
    torch.save({"model": {}, "call": np.float64}, path)
    with pytest.raises(CairnError, match="is not a checkpoint"):
        trainer(demonstrations).resume(path)


def test_divergence_is_an_error_not_a_checkpoint(demonstrations):
    made = trainer(demonstrations)
    with torch.no_grad():
        next(made.model.parameters()).fill_(float("nan"))
    with pytest.raises(CairnError, match="training diverged at step 0: the loss is nan"):
        made.run(1, quiet)


def test_reports_are_means_over_the_steps_since_the_last_one(demonstrations):
    single: list[dict[str, float]] = []
    trainer(demonstrations).run(5, single.append, every=1)
    rows: list[dict[str, float]] = []
    trainer(demonstrations).run(5, rows.append, every=3)
    assert [row["step"] for row in rows] == [3, 5]
    assert rows[0]["action"] == pytest.approx(np.mean([row["action"] for row in single[:3]]))


def test_weights_of_another_training_are_taken_where_they_fit(demonstrations, tmp_path):
    path = tmp_path / "c.pt"
    made = trainer(demonstrations, 3)
    made.run(3, quiet)
    made.save(path)
    fresh = BridgeModel.seeded(replace(with_tasks(), tasks=("a", "b", "c"), horizon=4), 5)
    before = fresh.head[-1].weight.clone()
    assert take_weights(fresh, path) > 0
    assert torch.equal(fresh.encoder.stem[0].weight, made.trained_model().encoder.stem[0].weight)
    assert torch.equal(fresh.head[-1].weight, before)
    with pytest.raises(CairnError, match="expected at least half: it is of another kind or size"):
        take_weights(BridgeModel.seeded(replace(with_tasks(), channels=48), 0), path)
    with pytest.raises(CairnError, match=r"there is no .*nothing\.pt: expected a checkpoint\.pt"):
        take_weights(fresh, tmp_path / "nothing.pt")
