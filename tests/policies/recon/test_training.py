"""Training learns, stops, goes on exactly where it stopped, and mirrors worlds consistently."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic_drive import FOV, TINY, room_frames, room_image, sampler

from cairn.hardware.errors import CairnError
from cairn.policies.recon.augmentation import photometric
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.objective import Objective
from cairn.policies.recon.ranks import Ranks
from cairn.policies.recon.training import Trainer, TrainSettings, _mirrored, load_model


def trainer(steps: int = 8, seed: int = 0, settings=TINY, worlds=None, **options) -> Trainer:
    torch.manual_seed(seed)
    return Trainer(
        LatentGoalModel(settings), sampler(worlds, seed), TrainSettings(steps=steps, seed=seed, **options)
    )


def quiet(row) -> None:
    pass


def weights(model) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(a, b) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path):
    whole = trainer()
    whole.run(8, quiet)
    first = trainer()
    first.run(5, quiet)
    first.save(tmp_path / "checkpoint.pt")
    resumed = trainer(seed=0)
    resumed.run(2, quiet)  # its generators have moved on; the checkpoint must put them back
    resumed.resume(tmp_path / "checkpoint.pt")
    assert resumed.step == 5
    resumed.run(8, quiet)
    assert same(weights(whole.model), weights(resumed.model))
    assert not same(weights(whole.model), weights(first.model))
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_checkpoint_without_the_samplers_state_still_resumes(tmp_path):
    path = tmp_path / "old.pt"
    first = trainer()
    first.run(2, quiet)
    first.save(path)
    state = torch.load(path, weights_only=True)
    for name in ("sampler", "seconds", "training"):
        del state[name]
    torch.save(state, path)
    resumed = trainer()
    resumed.resume(path)
    assert (resumed.step, resumed.seconds) == (2, 0.0)
    assert same(weights(first.model), weights(resumed.model))


def test_time_adds_up_over_resumptions(tmp_path):
    first = trainer()
    first.run(2, quiet)
    first.save(tmp_path / "c.pt")
    resumed = trainer()
    resumed.resume(tmp_path / "c.pt")
    assert resumed.seconds == first.seconds > 0
    resumed.run(3, quiet)
    assert resumed.seconds > first.seconds


def test_other_settings_and_damaged_checkpoints_are_refused(tmp_path):
    path = tmp_path / "c.pt"
    trainer().save(path)
    with pytest.raises(CairnError, match=r"holds a model with .*latent_size=4.*expected .*latent_size=6"):
        trainer(settings=replace(TINY, latent_size=6)).resume(path)
    with pytest.raises(CairnError, match=r"was trained with .*seed=0.*expected .*seed=3"):
        trainer(seed=3).resume(path)
    trainer(steps=20).resume(path)
    whole = path.read_bytes()
    for content in (b"", b"hello", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(CairnError, match=r"c\.pt is not a checkpoint"):
            load_model(path)
    torch.save({"model": {}}, path)
    with pytest.raises(CairnError, match="should hold"):
        load_model(path)


def test_a_loaded_model_says_what_the_trained_one_says(tmp_path):
    made = trainer()
    made.run(2, quiet)
    made.save(tmp_path / "c.pt")
    loaded = load_model(tmp_path / "c.pt")
    image = torch.rand(2, 3, 16, 64)
    for ours, theirs in zip(made.model.eval().encode(image), loaded.encode(image), strict=True):
        assert torch.equal(ours, theirs)


def test_losses_fall():
    rows: list[dict[str, float]] = []
    trainer(steps=60, learning_rate=2e-2).run(24, rows.append, every=6)
    assert [row["step"] for row in rows] == [6, 12, 18, 24]
    for name in ("match", "range", "descriptor", "decoder"):
        assert rows[-1][name] < 0.95 * rows[0][name], name
    assert all(np.isfinite(list(row.values())).all() for row in rows)


def test_reports_are_means_over_the_steps_since_the_last_one():
    single: list[dict[str, float]] = []
    trainer().run(5, single.append, every=1)
    rows: list[dict[str, float]] = []
    trainer().run(5, rows.append, every=3)
    assert [row["step"] for row in rows] == [3, 5]
    for name in ("match", "decoder", "kl"):
        assert rows[0][name] == pytest.approx(np.mean([row[name] for row in single[:3]]))
        assert rows[1][name] == pytest.approx(np.mean([row[name] for row in single[3:]]))


def test_it_stops_between_steps_when_told():
    made = trainer()
    made.run(8, quiet, should_stop=lambda: made.step >= 3)
    assert made.step == 3


def test_a_batch_without_hindsight_or_pairs_in_view_trains():
    still = room_frames(0, steps=1, sessions=2, strays=20)
    rows: list[dict[str, float]] = []
    made = trainer(worlds=[still, still])
    made.run(2, rows.append, every=1)
    assert "decoder" not in rows[0]
    assert np.isfinite(list(rows[0].values())).all()
    assert made.step == 2


def test_divergence_is_an_error_not_a_checkpoint():
    made = trainer()
    with torch.no_grad():
        next(made.model.parameters()).fill_(float("nan"))
    with pytest.raises(CairnError, match="training diverged at step 0"):
        made.run(1, quiet)


def test_early_fusion_trains():
    made = trainer(settings=replace(TINY, fusion="early"))
    before = weights(made.model)
    made.run(1, quiet)
    assert not torch.equal(before["stacked.features.0.weight"], made.model.stacked.features[0].weight)


def test_the_bottleneck_closes_only_after_the_decoder_learned():
    made = trainer(steps=100)
    values = []
    for step in (0, 20, 30, 40, 99):
        made.step = step
        values.append(made._bottleneck())
    assert values == pytest.approx([0.01, 0.01, 0.25, 0.5, 0.5])


def test_views_of_one_world_are_never_negatives_of_each_other():
    objective = Objective(LatentGoalModel(TINY), Ranks(), torch.Generator())
    labels = {
        name: torch.zeros(3, 8, 8, dtype=torch.int8 if name == "match" else torch.float32)
        for name in ("match", "bearing", "yaw", "distance", "steps")
    }
    _, _, apart = objective._pairs(range(3), labels, torch.tensor([0, 1, 2]))
    assert apart["match"][-24:].tolist() == [0] * 24
    _, _, one = objective._pairs(range(3), labels, torch.tensor([5, 5, 5]))
    assert one["match"][-24:].tolist() == [-1] * 24
    now, goal, mixed = objective._pairs(range(3), labels, torch.tensor([5, 5, 7]))
    worlds = torch.tensor([5, 5, 7]).repeat_interleave(8)
    expected = torch.where(worlds[now[-24:]] == worlds[goal[-24:]], -1, 0)
    assert mixed["match"][-24:].tolist() == expected.tolist()
    assert (now[-24:] // 8 != goal[-24:] // 8).all()


def test_a_mirrored_batch_is_the_batch_of_the_mirrored_world():
    frames = room_frames(0)
    flip = np.array([1, -1, -1], np.float32)
    # Reflecting a world reverses beams, and negates y, headings and turn rates; pictures are seen mirrored.
    reflected = replace(
        frames,
        image=np.ascontiguousarray(frames.image[:, :, ::-1]),
        pose=frames.pose * flip,
        twist=frames.twist * flip[[0, 2]],
        lidar=np.ascontiguousarray(frames.lidar[:, ::-1]),
        clearance=np.ascontiguousarray(frames.clearance[:, ::-1]),
    )
    got = _mirrored(sampler([frames] * 2, seed=2)())
    expected = sampler([reflected] * 2, seed=2)()
    assert (got.images == expected.images).all()
    assert got.ranges == pytest.approx(expected.ranges)
    assert got.hindsight_twist == pytest.approx(expected.hindsight_twist)
    assert got.hindsight_waypoints == pytest.approx(expected.hindsight_waypoints, abs=1e-5)
    apart = expected.labels.distance > 0.5
    for name in ("bearing", "yaw"):
        off = getattr(got.labels, name) - getattr(expected.labels, name)
        assert np.abs((off + np.pi) % (2 * np.pi) - np.pi)[apart].max() < 1e-4
    assert (got.labels.match == expected.labels.match).mean() > 0.98


def test_the_synthetic_picture_and_its_ranges_agree_on_left():
    left, right = room_image((0.0, 0.0, 0.5), 0), room_image((0.0, 0.0, -0.5), 0)
    shift = round(1.0 / np.radians(FOV) * 64)
    # Turning left shifts what is seen to the right.
    assert np.abs(left[0, shift:].astype(int) - right[0, :-shift].astype(int)).mean() < 12


def test_photometric_changes_light_not_geometry():
    images = torch.rand(4, 3, 16, 64)
    once = photometric(images, torch.Generator().manual_seed(1))
    assert once.shape == images.shape
    assert once.min() >= 0
    assert once.max() <= 1
    assert torch.equal(once, photometric(images, torch.Generator().manual_seed(1)))
    assert (once - images).abs().mean(dim=(1, 2, 3)).min() > 0.005
    for before, after in zip(images, once, strict=True):
        pair = torch.stack([before.flatten(), after.flatten()])
        assert torch.corrcoef(pair)[0, 1] > 0.8
