"""Batches: hindsight pairs, waypoints, sessions, sectors, and files of frames."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic_drive import FOV, TINY, room_frames, sampler

from cairn.hardware.errors import CairnError
from cairn.policies.recon.collect import FIELDS, beam_bearings
from cairn.policies.recon.dataset import GroupSampler, WorldFrames, sector_ranges


def save(path, frames, **changes):
    np.savez(path, **{name: getattr(frames, name) for name in FIELDS} | changes)
    return path


def numbered(frames):
    """The same frames with their number in the picture, so that a batch says where it comes from."""
    images = np.zeros_like(frames.image)
    images[:, 0, 0, 0], images[:, 0, 0, 1] = np.divmod(np.arange(len(images)), 256)
    return replace(frames, image=images)


def number(batch, index):
    high, low = batch.images[index, 0, 0, :2].astype(int)
    return high * 256 + low


def test_hindsight_pairs_are_of_one_drive_forward_in_time_and_labelled_by_it():
    frames = numbered(room_frames(0, steps=60))
    batch = sampler([frames, frames], views=16, max_steps=12)()
    assert len(batch.hindsight) > 20
    for row, (now, later) in enumerate(batch.hindsight):
        assert now // 16 == later // 16
        a, b = number(batch, now), number(batch, later)
        assert frames.session[a] == frames.session[b]
        gap = int(frames.step[b]) - int(frames.step[a])
        assert 0 < gap <= 12
        assert frames.step[a] >= 0
        assert batch.hindsight_steps[row] == gap
        assert batch.hindsight_twist[row] == pytest.approx(frames.twist[a])
        x, y, yaw = frames.pose[a].astype(float)
        for k, point in enumerate(batch.hindsight_waypoints[row], start=1):
            ahead = frames.pose[a + min(k, gap), :2] - (x, y)
            expected = (np.cos(-yaw) * ahead[0] - np.sin(-yaw) * ahead[1],
                        np.sin(-yaw) * ahead[0] + np.cos(-yaw) * ahead[1])  # fmt: skip
            assert point == pytest.approx(expected, abs=1e-5)


def test_waypoints_lead_forward_and_bend_as_the_twist_does():
    batch = sampler()()
    full = batch.hindsight_steps >= TINY.waypoints
    last = batch.hindsight_waypoints[full, -1]
    assert (last[:, 0] > 0.3).all()
    assert (np.sign(last[:, 1]) == np.sign(batch.hindsight_twist[full, 1])).all()


def test_waypoints_stay_at_the_goal_once_it_is_reached():
    batch = sampler()()
    near = batch.hindsight_steps < TINY.waypoints
    assert near.any()
    for steps, points in zip(batch.hindsight_steps[near], batch.hindsight_waypoints[near], strict=True):
        assert (points[int(steps) - 1 :] == points[int(steps) - 1]).all()


def test_no_pair_crosses_a_collision():
    frames = numbered(room_frames(0, steps=60))
    collided = frames.collided.copy()
    collided[[10, 30, 50]] = True
    batch = sampler([replace(frames, collided=collided)] * 2, views=16)()
    assert len(batch.hindsight)
    for now, later in batch.hindsight:
        a, b = number(batch, now), number(batch, later)
        assert not collided[a : b + 1].any()


def test_a_drive_of_single_steps_has_no_pair_and_still_makes_a_batch():
    frames = room_frames(0, steps=1, sessions=2)
    batch = sampler([frames] * 2)()
    assert batch.hindsight.shape == (0, 2)
    assert batch.hindsight_twist.shape == (0, 2)
    assert batch.hindsight_waypoints.shape == (0, TINY.waypoints, 2)


def test_ranges_come_from_what_blocks_the_way_not_from_what_blocks_the_view():
    frames = room_frames(0)
    low = replace(frames, clearance=np.full_like(frames.clearance, 1.5))
    assert sampler([low, low])().ranges == pytest.approx(1.5)


def test_sectors_run_from_left_to_right_and_take_the_nearest_return():
    bearings = beam_bearings()
    scan = np.full((1, len(bearings)), 9.0, np.float32)
    scan[0, np.argmin(np.abs(bearings - np.radians(50)))] = 2.0
    ranges = sector_ranges(scan, bearings, FOV, 12)
    assert np.flatnonzero(ranges[0] == 2.0).tolist() in ([0, 1], [0], [1])
    behind = np.where(np.abs(bearings) > np.radians(65), 1.0, 9.0).astype(np.float32)[None]
    assert (sector_ranges(behind, bearings, FOV, 12) == 9.0).all()


def test_batches_are_drawn_by_seed_and_go_on_from_a_saved_state():
    first, again, other = sampler(seed=4), sampler(seed=4), sampler(seed=5)
    assert (first().images == again().images).all()
    assert (first().images != other().images).any()
    resumed = sampler(seed=99)
    resumed.state = first.state
    expected, got = first(), resumed()
    assert (expected.images == got.images).all()
    assert (expected.worlds == got.worlds).all()
    assert (first().hindsight_steps.tolist()) == resumed().hindsight_steps.tolist()


def test_a_batch_says_which_world_each_group_is_of():
    worlds = [replace(room_frames(k), image=np.full_like(room_frames(k).image, k)) for k in range(3)]
    batch = sampler(worlds, groups=8)()
    assert batch.images[:: len(batch.images) // 8, 0, 0, 0].tolist() == batch.worlds.tolist()
    assert set(batch.worlds.tolist()) == {0, 1, 2}


def test_bad_sizes_are_refused():
    with pytest.raises(CairnError, match="no world was given"):
        GroupSampler([], 0, horizontal_fov=FOV, sectors=8, waypoints=5)
    with pytest.raises(CairnError, match="at least 2 groups of 4 views, got 1 of 8"):
        sampler(groups=1)


def test_frames_are_read_back(tmp_path):
    frames = room_frames(0, steps=3)
    loaded = WorldFrames.load(save(tmp_path / "w.npz", frames))
    for name in FIELDS:
        assert (getattr(loaded, name) == getattr(frames, name)).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pose": np.zeros((3, 2), np.float32)}, r"pose must be float32 of shape \(30, 3\)"),
        ({"step": np.full(30, -1, np.int16)}, "none of 30 frames was driven"),
        ({"lidar": np.zeros((30, 128), np.float32)}, "lidar must be float16"),
        ({"twist": np.zeros((29, 2), np.float32)}, r"twist must be .* got float32 of \(29, 2\)"),
    ],
)
def test_frames_that_cannot_be_are_refused(tmp_path, changes, message):
    path = save(tmp_path / "w.npz", room_frames(0, steps=3), **changes)
    with pytest.raises(CairnError, match=rf"w\.npz is not a file of collected frames: {message}"):
        WorldFrames.load(path)


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "npy", "cut", "lacking", "flipped"])
def test_a_damaged_file_is_named(tmp_path, damage):
    path = save(tmp_path / "w.npz", room_frames(0, steps=3))
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "npy":
        with path.open("wb") as file:
            np.save(file, np.arange(3))
    elif damage == "lacking":
        np.savez(path, image=np.zeros((2, 8, 8, 3), np.uint8))
    else:
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
        path.write_bytes({"empty": b"", "text": b"hello", "cut": whole[:-200], "flipped": flipped}[damage])
    with pytest.raises(CairnError, match=r"w\.npz is not a file of collected frames"):
        WorldFrames.load(path)
