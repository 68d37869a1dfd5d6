"""Demonstrations are decoded once, kept on disk, and made anew when they change."""

import numpy as np
import pytest
from bridge_samples import SampleTrajectory
from square_demonstrations import TINY, demonstration, picture, write_numpy, write_rlds

from cairn.episodes.bridge.raw_writer import RawWriter
from cairn.hardware.errors import CairnError
from cairn.policies.bridge.frame_store import FrameSettings, open_frames
from cairn.policies.bridge.training_data import labelled
from cairn.policies.training.stopped import TrainingStoppedError

SETTINGS = FrameSettings.of(TINY)


def test_frames_and_numbers_are_those_of_the_demonstrations(tmp_path):
    path = write_rlds(tmp_path / "rlds", 3, cameras=(0, 2))
    store = open_frames(path, tmp_path / "frames", SETTINGS)
    assert store.frames.shape == (3 * 2 * 6, 40, 48, 3)
    assert isinstance(store.frames, np.memmap)
    assert [one.length for one in store.demonstrations] == [6, 6, 6]
    assert not store.problems
    second = labelled(store, "recorded")[1]
    steps = list(demonstration(1, cameras=(0, 2)).steps())
    assert second.actions == pytest.approx(np.array([step.action for step in steps[:6]]), abs=1e-6)
    assert second.frame(0, 3).tolist() == second.frame(1, 3).tolist()
    seen = second.frame(1, 3).astype(int)
    whole = steps[3].pictures[2].pixels()
    expected = whole.reshape(40, 2, 48, 2, 3).mean(axis=(1, 3))
    assert np.abs(seen - expected).mean() < 3  # the RLDS edition stores JPEG


def test_raw_folders_and_out_npy_give_the_same(tmp_path):
    (tmp_path / "raw").mkdir()
    writer = RawWriter(tmp_path / "raw", 95)
    for seed in range(3):
        writer.write(demonstration(seed))
    writer.close()
    paths = [tmp_path / "raw", write_numpy(tmp_path / "numpy", 3)]
    ours = [labelled(open_frames(path, tmp_path / "frames", SETTINGS), "recorded") for path in paths]
    # Raw folders come task by task.
    for raw, plain in zip(*(sorted(one, key=lambda d: d.actions[0, 0]) for one in ours), strict=True):
        assert raw.steps.tolist() == plain.steps.tolist() == list(range(6))
        assert raw.actions == pytest.approx(plain.actions, abs=1e-6, nan_ok=True)
        assert raw.record.task == plain.record.task


def test_what_is_there_is_not_decoded_again_until_it_changes(tmp_path):
    path = write_rlds(tmp_path / "rlds", 2)
    read = []
    first = open_frames(path, tmp_path / "frames", SETTINGS, read.append)
    assert read == [1, 2]
    again = open_frames(path, tmp_path / "frames", SETTINGS, read.append)
    assert read == [1, 2]
    assert (again.frames == first.frames).all()
    write_rlds(path / "more", 1, first=7)
    assert len(open_frames(path, tmp_path / "frames", SETTINGS).demonstrations) == 3
    smaller = FrameSettings(24, 20, "linear")
    assert open_frames(path, tmp_path / "frames", smaller).frames.shape[1:] == (20, 24, 3)


def test_damaged_demonstrations_are_left_out_and_named(tmp_path):
    write_rlds(tmp_path / "data/good", 2)
    bad = tmp_path / "data/bad"
    (bad / "traj0").mkdir(parents=True)
    for name in ("obs_dict.pkl", "policy_out.pkl"):
        (bad / "traj0" / name).write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    store = open_frames(tmp_path / "data", tmp_path / "frames", SETTINGS)
    assert len(store.demonstrations) == 2
    assert len(store.problems) == 1
    assert "obs_dict.pkl" in store.problems[0]
    with pytest.raises(CairnError, match=r"bad: expected at least one whole demonstration: .*obs_dict\.pkl"):
        open_frames(bad, tmp_path / "frames", SETTINGS)


def test_an_action_that_is_no_number_is_refused_and_the_demonstration_with_it(tmp_path):
    path = write_numpy(tmp_path / "numpy", 2)
    from cairn.episodes.bridge.numpy_reader import FILE

    (file,) = path.rglob(FILE)
    content = np.load(file, allow_pickle=True)
    content[1]["actions"][2] = np.full(7, np.nan)
    np.save(file, content, allow_pickle=True)
    store = open_frames(path, tmp_path / "frames", SETTINGS)
    assert len(store.demonstrations) == 1
    assert "action: expected 7 finite numbers" in store.problems[0]


def test_a_camera_that_is_not_there_and_nothing_at_all(tmp_path):
    path = write_rlds(tmp_path / "rlds", 1)
    with pytest.raises(CairnError, match=r"expected one of cameras \(4,\), got \(0,\)"):
        open_frames(path, tmp_path / "frames", FrameSettings(48, 40, "area", (4,)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(CairnError, match="holds no Bridge Data"):
        open_frames(tmp_path / "empty", tmp_path / "frames", SETTINGS)
    with pytest.raises(CairnError, match="nowhere is not there"):
        open_frames(tmp_path / "nowhere", tmp_path / "frames", SETTINGS)


def test_a_stop_leaves_nothing_half_done(tmp_path):
    path = write_rlds(tmp_path / "rlds", 3)
    with pytest.raises(TrainingStoppedError, match="stopped while reading"):
        open_frames(path, tmp_path / "frames", SETTINGS, should_stop=lambda: True)
    assert list((tmp_path / "frames").iterdir()) == []


def test_a_cache_that_was_damaged_says_what_to_do(tmp_path):
    path = write_rlds(tmp_path / "rlds", 1)
    open_frames(path, tmp_path / "frames", SETTINGS)
    (made,) = (tmp_path / "frames").iterdir()
    (made / "numbers.npz").write_bytes(b"nothing")
    with pytest.raises(CairnError, match=r"is damaged .* remove it, it is made again"):
        open_frames(path, tmp_path / "frames", SETTINGS)


def test_the_square_is_where_it_is_said_to_be():
    image = picture(0.25, 0.5)
    rows, columns = np.nonzero(image[..., 0] > 200)
    assert (rows.mean(), columns.mean()) == pytest.approx((39.5, 23.5))
    assert isinstance(demonstration(0), SampleTrajectory)
