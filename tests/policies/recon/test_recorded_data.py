"""What odometry tells of pairs, which drives are held out, and how often each recording is drawn."""

from dataclasses import replace
from math import nan, pi
from pathlib import Path

import numpy as np
import pytest
import torch
from synthetic_drive import FOV, TINY, room_frames, sampler

from cairn.hardware.errors import CairnError
from cairn.policies.recon.collect import FIELDS, RATE, beam_bearings
from cairn.policies.recon.dataset import GroupSampler, WorldFrames
from cairn.policies.recon.diagnostics import diagnose
from cairn.policies.recon.losses import range_loss
from cairn.policies.recon.model import LatentGoalModel
from cairn.policies.recon.odometry_labels import label_drive
from cairn.policies.recon.pair_labels import label_pairs
from cairn.policies.recon.recorded_drive import RecordedDrive, hold_out
from cairn.policies.recon.training import Trainer, TrainSettings
from cairn.policies.recon.training_data import mix

BEARINGS = beam_bearings()


def labels(poses, session=None, lidar=None):
    poses = np.array(poses, np.float32)
    path = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(poses[:, :2], axis=0).T))])
    session = np.zeros(len(poses), np.int16) if session is None else np.array(session, np.int16)
    scans = np.full((len(poses), len(BEARINGS)), nan, np.float32) if lidar is None else lidar
    return label_drive(poses, path, session, scans, BEARINGS, 20.0, FOV, RATE)


def unscanned(frames: WorldFrames) -> WorldFrames:
    blank = np.full_like(frames.lidar, nan)
    return replace(frames, lidar=blank, clearance=blank, odometry=True)


def test_what_lies_straight_ahead_is_in_view_and_nothing_else_is_claimed():
    found = labels([(0, 0, 0), (3, 0, 0), (12, 0, 0), (12.5, 0, pi / 2)])
    assert found.match[0, 1] == 1
    assert found.match[1, 0] == -1  # behind
    assert found.match[0, 2] == -1  # too far to be sure
    assert found.match[2, 3] == -1  # turned away
    assert found.match[2, 2] == 1
    assert found.bearing[1, 0] == pytest.approx(-pi, abs=1e-5)
    assert found.distance[0, 1] == 3.0
    assert found.steps[0, 1] == pytest.approx(RATE * 3 / 0.8)
    assert np.isnan(found.covisible).all()


def test_round_a_corner_nothing_is_said_of_the_view():
    # Driven north, then east: the straight line may lead through a wall.
    found = labels([(0, 0, 0.8), (0, 4, 0.8), (4, 4, 0.8)])
    assert found.match[0, 2] == -1
    assert found.bearing[0, 2] == pytest.approx(pi / 4 - 0.8, abs=1e-5)


def test_geometry_ends_where_odometry_has_drifted_and_at_interruptions():
    straight = [(2.0 * k, 0, 0) for k in range(16)]
    found = labels(straight)
    for name in ("bearing", "yaw", "distance", "steps"):
        values = getattr(found, name)
        assert np.isfinite(values[0, 10])
        assert np.isnan(values[0, 11])
    apart = labels(straight, session=[0] * 3 + [1] * 13)
    assert np.isfinite(apart.yaw[0, 2])
    assert np.isnan(apart.yaw[2, 3])
    assert apart.match[2, 3] == -1
    turned = [(0, 0, 0), (20, 0, 0), (40, 0, 0), (40, 0.5, pi)]
    assert labels(turned, session=[0, 0, 1, 1]).match[0, 3] == -1


def test_only_far_and_opposite_views_are_out_of_sight():
    away = labels([(0, 0, 0), (20, 0, 0), (40, 0, 0), (40, 0.5, pi)])
    assert away.match[0, 3] == away.match[3, 0] == 0
    assert away.match[0, 2] == -1  # far, but the same way
    back = labels([(0, 0, 0), (20, 0, 0), (40, 0, pi), (1, 0, pi)])
    assert back.match[0, 3] == -1  # a long way round to the same place


def test_frames_with_lidar_are_matched_by_what_was_hit():
    frames = room_frames(0, steps=20, sessions=1, strays=0)
    scans = frames.lidar.astype(np.float32)
    found = labels(frames.pose, lidar=scans)
    expected = label_pairs(frames.pose, scans, BEARINGS, 20.0, FOV, RATE)
    assert (found.match == expected.match).all()
    assert (expected.match == 0).any() or (expected.match == -1).any()
    scans[5] = nan
    partly = labels(frames.pose, lidar=scans)
    rest = np.arange(20) != 5
    assert (partly.match[rest][:, rest] == found.match[rest][:, rest]).all()
    assert np.isnan(partly.covisible[5]).all()


def test_unknown_ranges_give_no_gradient():
    said = torch.zeros(2, 4, requires_grad=True)
    ranges = torch.tensor([[nan, 2.0, nan, 3.0], [nan] * 4])
    loss = range_loss(said, ranges)
    loss.backward()
    assert said.grad is not None
    assert (said.grad != 0).tolist() == [[False, True, False, True], [False] * 4]
    assert float(loss.detach()) == pytest.approx(0.3 * (np.log(2) + np.log(3)) / 2)
    assert float(range_loss(torch.zeros(1, 2), torch.full((1, 2), nan))) == 0.0


def test_drives_without_lidar_train_every_head_but_that_of_ranges():
    drives = [unscanned(room_frames(k, strays=0)) for k in range(2)]
    torch.manual_seed(0)
    model = LatentGoalModel(TINY)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rows = []
    # Decay would move weights that have no gradient.
    Trainer(model, sampler(drives), TrainSettings(steps=2, weight_decay=0.0)).run(2, rows.append)
    assert np.isfinite(list(rows[0].values())).all()
    assert rows[0]["range"] == 0.0
    after = model.state_dict()
    assert torch.equal(before["range.0.weight"], after["range.0.weight"])
    for name in ("heads.weight", "posterior.weight", "decoder.0.weight", "descriptor.weight"):
        assert not torch.equal(before[name], after[name]), name


def test_held_out_drives_are_judged_as_far_as_they_tell():
    torch.manual_seed(0)
    drives = [unscanned(room_frames(k, strays=0)) for k in range(2)]
    metrics = diagnose(LatentGoalModel(TINY), drives, FOV, batches=1)
    assert np.isnan([metrics["range_log_error"], metrics["prior_drivable"]]).all()
    assert np.isfinite([metrics[name] for name in ("auc", "steps_error", "kl", "prior_turn_spread")]).all()
    one_place = diagnose(LatentGoalModel(TINY), drives, FOV, batches=1, places=[7, 7])
    assert np.isnan(one_place["auc"])
    assert np.isfinite(one_place["steps_error"])


def test_fine_tuning_keeps_the_statistics_of_normalisation():
    torch.manual_seed(0)
    for fine_tune in (True, False):
        model = LatentGoalModel(TINY)
        mean = model.encoder.features[1].running_mean.clone()
        trainer = Trainer(model, sampler(), TrainSettings(steps=100, fine_tune=fine_tune))
        trainer.run(1, lambda row: None)
        assert torch.equal(mean, model.encoder.features[1].running_mean) == fine_tune
        assert (trainer._bottleneck() == trainer.settings.bottleneck) == fine_tune


def drive(name: str, source: str = "park", frames: int = 10, weight: float = 1.0, where=Path()):
    return RecordedDrive(Path(source), Path(source), name, frames, 0, where, 0, weight)


def test_whole_drives_are_held_out_and_stay_so_when_more_are_recorded():
    drives = [drive(f"walk {k}") for k in range(200)]
    training, held = hold_out(drives, 0.2)
    assert len(training) + len(held) == 200
    assert not {d.name for d in training} & {d.name for d in held}
    assert 20 <= len(held) <= 60
    again = hold_out([drive("new"), *drives[::-1]], 0.2)
    assert {d.name for d in again[1]} - {"new"} == {d.name for d in held}
    # A drive of the same name in another bag is another drive.
    elsewhere = {d.name for d in hold_out([replace(d, source=Path("yard")) for d in drives], 0.2)[1]}
    assert elsewhere != {d.name for d in held}


@pytest.mark.parametrize("share", [1e-9, 0.5])
def test_at_least_one_drive_is_on_either_side(share):
    for k in range(20):
        training, held = hold_out([drive(f"a{k}"), drive(f"b{k}")], share)
        assert (len(training), len(held)) == (1, 1)


@pytest.mark.parametrize(
    ("names", "got"), [([], "0: none"), (["alone"], "1: alone"), (["alone", "empty"], "1: alone")]
)
def test_fewer_than_two_drives_cannot_be_split(names, got):
    with pytest.raises(CairnError, match=rf"at least 2 trajectories.* got {got}"):
        hold_out([drive(name, frames=0 if name == "empty" else 9) for name in names], 0.1)


def stored(folder: Path, seed: int, steps: int) -> Path:
    frames = room_frames(seed, steps=steps, sessions=1, strays=0)
    folder.mkdir()
    for name in FIELDS:
        np.save(folder / f"{name}.npy", getattr(frames, name))
    return folder


def test_views_are_drawn_by_weight_of_the_recording_and_by_frames_within_it(tmp_path):
    drives = [
        drive("long", "park", 30, 2.0, stored(tmp_path / "0", 5, 30)),
        drive("short", "park", 10, 2.0, stored(tmp_path / "1", 6, 10)),
        drive("other", "yard", 20, 4.0, stored(tmp_path / "2", 7, 20)),
    ]
    data = mix([room_frames(0), room_frames(1)], 2.0, drives)
    assert data.chances == pytest.approx([0.125, 0.125, 0.1875, 0.0625, 0.5])
    assert data.places == [0, 1, 2, 2, 3]
    assert [world.odometry for world in data.worlds] == [False, False, True, True, True]
    drawn = GroupSampler(
        data.worlds, 0, horizontal_fov=FOV, sectors=8, waypoints=5, groups=400, views=4,
        places=data.places, chances=data.chances,
    )()  # fmt: skip
    share = np.bincount(drawn.worlds, minlength=4) / 400
    assert share == pytest.approx([0.125, 0.125, 0.25, 0.5], abs=0.08)
    assert mix([], 1.0, drives).chances == pytest.approx([0.25, 1 / 12, 2 / 3])


def test_chances_of_other_worlds_are_refused():
    with pytest.raises(CairnError, match="expected chances of 3 worlds, got 2"):
        sampler(chances=[0.5, 0.5])
