"""`train_recon` on recordings: alone, from trained weights, resumed, with simulated worlds beside them."""

from dataclasses import replace
from math import isfinite
from pathlib import Path

import numpy as np
import pytest
import torch
from drive_bags import write_drive, write_full_drive
from synthetic_drive import room_frames
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.policies.bundle import load_bundle
from cairn.policies.cylindrical_view import CylindricalView
from cairn.policies.recon import train_recon as recipe
from cairn.policies.recon.collect import FIELDS, world_file
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.settings import ModelSettings
from cairn.policies.recon.starting_weights import starting_model
from cairn.policies.recon.train_recon import TrainingEvents, train_recon
from cairn.policies.recon.training import load_model
from cairn.policies.recon.training_plan import TrainingPlan
from cairn.policies.training.curves import read_curves
from cairn.policies.training.recording import Recording
from cairn.policies.training.stopped import TrainingStoppedError

SHIPPED = Path(__file__).parents[3] / "policies/bundles/recon"


@pytest.fixture(scope="module")
def bags(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bags")
    write_drive(folder / "park", seconds=6.0)
    write_full_drive(folder / "yard", steps=20)
    return folder


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    real, real_diagnose = recipe.GroupSampler, recipe.diagnose
    monkeypatch.setattr(recipe, "GroupSampler", lambda *a, **k: real(*a, **k, groups=2, views=6))
    monkeypatch.setattr(recipe, "diagnose", lambda *a, **k: real_diagnose(*a, **(k | {"batches": 1})))


def plan(path: Path, bags: Path, **changes) -> TrainingPlan:
    recordings = (Recording(bags / "park"), Recording(bags / "yard", 2.0))
    options = {"worlds": 0, "steps": 3, "jobs": 1, "device": "cpu", "threshold": 0.5}
    return TrainingPlan(
        path / "bundle", path / "work", "cairn train recon bags", recordings=recordings, **(options | changes)
    )


def checkpoint(path: Path) -> dict[str, torch.Tensor]:
    return load_model(path / "work" / "checkpoint.pt").state_dict()


def stopping_after(steps: int) -> TrainingEvents:
    """Says stop when training, not the conversion before it, asks once more."""
    begun: list[tuple[int, int]] = []
    asked: list[int] = []

    def should_stop() -> bool:
        asked.extend([1] * bool(begun))
        return len(asked) > steps

    return TrainingEvents(trained=lambda *what: begun.append(what), should_stop=should_stop)


def test_a_run_on_recordings_that_was_stopped_goes_on_to_the_same_weights(tmp_path, bags):
    with pytest.raises(TrainingStoppedError, match="training stopped at step 1 of 3"):
        train_recon(plan(tmp_path, bags), stopping_after(1))
    bundle = train_recon(plan(tmp_path, bags))
    resumed = checkpoint(tmp_path)
    (tmp_path / "work" / "checkpoint.pt").unlink()
    train_recon(plan(tmp_path, bags))
    whole = checkpoint(tmp_path)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)

    card = (tmp_path / "bundle" / "MODEL_CARD.md").read_text()
    for row in ("| park | park | 25 | 0 | 0 |", "| yard | yard_first | 20 | 20 | 0 |"):
        assert row in card
    assert card.count("held out |") == card.count("training |") == 1
    assert "## Held-out recordings (trajectories never trained on)" in card
    assert "tuning seeds" not in card
    assert "temporal distance: median error" in card
    assert "nan" not in card
    (line,) = bundle.manifest.provenance.data
    assert line.endswith(("recorded frames of 1 trajectories in park", "trajectories in yard"))
    assert all(isfinite(value) for value in bundle.manifest.provenance.metrics.values())


def test_curves_are_tensorboard_events_too(tmp_path, bags):
    train_recon(plan(tmp_path, bags, steps=2))
    (row,) = read_curves(tmp_path / "work" / "curves.jsonl")
    events = EventAccumulator(str(tmp_path / "work" / "events")).Reload()
    (point,) = events.Scalars("loss/match")
    assert (point.step, point.value) == (2, pytest.approx(row["match"], abs=1e-5))


def test_fine_tuning_starts_from_what_the_shipped_bundle_says(tmp_path, bags):
    with pytest.raises(TrainingStoppedError, match="training stopped at step 0 of 3"):
        train_recon(plan(tmp_path, bags, start=SHIPPED), stopping_after(0))
    shipped, _ = starting_model(SHIPPED, CylindricalView())
    begun = checkpoint(tmp_path)
    assert all(torch.equal(begun[name], value) for name, value in shipped.state_dict().items())
    bundle = train_recon(plan(tmp_path, bags, start=SHIPPED, threshold=None))
    tuned = checkpoint(tmp_path)
    step = (tuned["heads.weight"] - begun["heads.weight"]).abs().max()
    assert 0 < step < 1e-3
    assert torch.equal(tuned["encoder.features.1.running_mean"], begun["encoder.features.1.running_mean"])
    # Few held-out drives say little of other places: the threshold is that of the start.
    known = load_bundle(SHIPPED).manifest.parameters["match_threshold"]
    assert bundle.manifest.parameters["match_threshold"] == known
    assert "starting from the weights of recon" in bundle.manifest.provenance.data


def test_without_anything_that_tells_a_threshold_it_is_asked_for(tmp_path, bags):
    with pytest.raises(CairnError, match=r"give --threshold; .*checkpoint\.pt is kept"):
        train_recon(plan(tmp_path, bags, steps=1, threshold=None))
    bundle = train_recon(plan(tmp_path, bags, steps=1))
    assert bundle.manifest.parameters["match_threshold"] == 0.5


def test_simulated_worlds_and_recordings_are_learned_from_together(tmp_path, bags):
    for directory, seeds in (("worlds", range(2)), ("validation", range(1000, 1002))):
        (tmp_path / "work" / directory).mkdir(parents=True)
        for seed in seeds:
            frames = room_frames(seed, steps=30, strays=10)
            image = np.repeat(np.repeat(frames.image, 4, axis=1), 2, axis=2)
            arrays = {name: getattr(replace(frames, image=image), name) for name in FIELDS}
            np.savez(world_file(tmp_path / "work" / directory, seed), **arrays)
    both = plan(tmp_path, bags, worlds=2, steps=1, validation_seeds=range(1000, 1002))
    bundle = train_recon(both)
    assert len(bundle.manifest.provenance.data) == 2
    card = (tmp_path / "bundle" / "MODEL_CARD.md").read_text()
    assert "## Held-out worlds (tuning seeds, never trained on)" in card
    assert "## Held-out recordings (trajectories never trained on)" in card


def test_weights_of_another_shape_are_refused(tmp_path, bags):
    with pytest.raises(CairnError, match="has fusion late, expected early"):
        train_recon(plan(tmp_path, bags, start=SHIPPED, fusion="early"))
    other = tmp_path / "small.pt"
    small = LatentGoalModel(ModelSettings(32, 64))
    blank = torch.Generator().get_state()
    settings = '{"image_height": 32, "image_width": 64}'
    torch.save(
        {"model": small.state_dict(), "optimizer": {}, "generator": blank, "step": 0, "settings": settings},
        other,
    )
    with pytest.raises(CairnError, match="sees 64x32 pixels, expected 128x64"):
        train_recon(plan(tmp_path, bags, start=other))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"worlds": 1}, "got 1; 0 trains on recordings alone"),
        ({"recordings": ()}, "nothing to learn from: give at least 2 worlds, or recordings"),
        ({"validation": 0.0}, r"validation must be a share in \(0, 0.5\], got 0.0"),
        ({"validation": float("nan")}, r"validation must be .* got nan"),
        ({"world_weight": 0.0}, "world_weight must be positive, got 0.0"),
        ({"camera_fov": 90.0, "camera": CameraModel.pinhole(64, 48, 90.0)}, "by camera_fov, got both"),
        ({"camera_fov": 180.0}, r"camera_fov must lie in \[10, 170\) degrees, got 180.0"),
        ({"learning_rate": 0.0}, r"learning_rate must lie in \(0, 0.1\], got 0.0"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change, message, tmp_path, bags):
    with pytest.raises(CairnError, match=message):
        replace(plan(tmp_path, bags), **change)
