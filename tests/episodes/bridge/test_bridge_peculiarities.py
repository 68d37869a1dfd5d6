"""What the published data does beyond its own description."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from bridge_samples import opened, real_data, sample

from cairn.episodes.bridge import rlds_layout as keys
from cairn.episodes.bridge.bridge_split import split_of
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo
from cairn.episodes.bridge.numpy_writer import NumpyWriter
from cairn.episodes.bridge.raw_writer import RawWriter
from cairn.episodes.bridge.rlds_writer import RldsWriter
from cairn.episodes.bridge.tf_example import parse_example
from cairn.episodes.bridge.tfrecord import read_records


def raw(tmp_path: Path, count: int = 1) -> Path:
    writer = RawWriter(tmp_path)
    for index in range(count):
        writer.write(sample(f"sample{index}"))
    return next(tmp_path.rglob("traj0"))


def test_lines_on_confidence_are_no_language(tmp_path: Path):
    folder = raw(tmp_path)
    (folder / "lang.txt").write_text("put it there\nconfidence: 0.9\n\n  over there \n")
    (trajectory,) = opened(tmp_path)
    assert trajectory.info.language == ("put it there", "over there")


@pytest.mark.parametrize(("date", "shift"), [("2021-07-22_23-59-59", 1), ("2021-07-23_00-00-00", 0)])
def test_the_late_camera_of_2021_is_made_up_for(tmp_path: Path, date: str, shift: int):
    folder = raw(tmp_path)
    dated = folder.parents[2]
    dated.rename(dated.with_name(date))
    (trajectory,) = opened(tmp_path)
    expected, found = list(sample("sample0").steps()), list(trajectory.steps())
    assert len(found) == 6 - shift
    # States and images of the next step belong to an action.
    np.testing.assert_array_equal(found[0].state, expected[shift].state)
    assert found[0].pictures[0].data == expected[shift].pictures[0].data
    np.testing.assert_array_equal(found[0].action, expected[0].action)
    assert found[-1].action is None
    np.testing.assert_array_equal(found[-2].action, expected[4 - shift].action)
    assert bool(trajectory.left_out) == bool(shift)


def test_older_policies_hold_actions_alone(tmp_path: Path):
    folder = raw(tmp_path)
    entries = pickle.loads((folder / "policy_out.pkl").read_bytes())
    (folder / "policy_out.pkl").write_bytes(pickle.dumps([entry["actions"] for entry in entries]))
    (trajectory,) = opened(tmp_path)
    np.testing.assert_array_equal(next(iter(trajectory.steps())).action, entries[0]["actions"])


def test_what_is_not_taken_over_is_named(tmp_path: Path):
    folder = raw(tmp_path)
    (folder / "depth_images0").mkdir()
    observations = pickle.loads((folder / "obs_dict.pkl").read_bytes())
    observations["env_done"] = [False] * 3
    (folder / "obs_dict.pkl").write_bytes(pickle.dumps(observations))
    entries = pickle.loads((folder / "policy_out.pkl").read_bytes())
    (folder / "policy_out.pkl").write_bytes(
        pickle.dumps([{**entry, "policy_type": "VR"} for entry in entries])
    )
    (folder / "agent_data.pkl").write_bytes(pickle.dumps({"traj_ok": True}))
    (trajectory,) = opened(tmp_path)
    list(trajectory.steps())
    assert set(trajectory.left_out) == {
        "depth_images0",
        "env_done",
        "policy_out.pkl: policy_type",
        "agent_data.pkl",
    }


def test_demonstrations_come_in_natural_order_with_the_way_to_them_as_name(tmp_path: Path):
    raw(tmp_path, 11)
    from cairn.episodes.bridge.raw_reader import raw_demonstrations

    names = [opener().info.name for opener in raw_demonstrations(tmp_path)]
    assert [name.rsplit("-", 1)[1] for name in names] == [f"traj{index}" for index in range(11)]
    assert all(name.startswith("put_carrot-00-") for name in names)


def test_task_and_split_of_numpy_are_those_of_its_folders(tmp_path: Path):
    writer = NumpyWriter(tmp_path, val_share=0.0)
    writer.write(sample())
    writer.close()
    (found,) = opened(tmp_path)
    assert (found.info.task, found.info.split) == ("", "train")
    folder = tmp_path / "put_carrot/03"
    folder.mkdir(parents=True)
    (tmp_path / "train").rename(folder / "val")
    (found,) = opened(tmp_path)
    assert (found.info.task, found.info.split) == ("put_carrot", "val")


def test_black_cameras_of_real_data_are_place_fillers():
    trajectories = opened(real_data())
    # Its own flags say that no camera is there; three are, and one is black.
    assert {trajectory.info.cameras for trajectory in trajectories} == {(0, 1, 2)}
    assert {len(list(trajectory.steps())) for trajectory in trajectories} == {10}
    assert all(trajectory.info.embedding is not None for trajectory in trajectories)
    actions = np.array([step.action for trajectory in trajectories for step in trajectory.steps()])
    assert np.abs(actions[:, :3]).max() < 0.06
    assert 0.0 <= actions[:, 6].min() < 0.1 < 0.9 < actions[:, 6].max() <= 1.0


def test_a_camera_that_is_there_may_be_dark(tmp_path: Path):
    writer = RldsWriter(tmp_path, val_share=0.0)
    writer.write(sample(has_last_observation=False))
    writer.close()
    (record,) = read_records(tmp_path / keys.shard_name("train", 0, 1))
    features = parse_example(record)
    assert [list(features[f"{keys.HAS_IMAGE}{camera}"][1]) for camera in range(4)] == [[1], [0], [1], [0]]
    assert len(set(features[keys.IMAGE + "1"][1])) == 1
    assert list(features[keys.IS_FIRST][1]) == [1, 0, 0, 0, 0]
    assert list(features[keys.IS_LAST][1]) == [0, 0, 0, 0, 1]


def test_large_data_sets_are_written_in_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cairn.episodes.bridge.rlds_writer._SHARD_SIZE", 40_000)
    writer = RldsWriter(tmp_path, val_share=0.0)
    for index in range(6):
        writer.write(sample(f"sample{index}", has_last_observation=False))
    writer.close()
    files = sorted(tmp_path.glob("*.tfrecord-*"))
    assert len(files) > 1
    assert [file.name for file in files] == [
        keys.shard_name("train", i, len(files)) for i in range(len(files))
    ]
    assert len(opened(tmp_path)) == 6


def test_a_split_is_that_of_the_source_or_of_the_name():
    def info(name: str, split: str = "") -> BridgeInfo:
        return BridgeInfo(name, Path("x"), (0,), split=split)

    assert [split_of(info("a", split), 0.5) for split in ("train", "val")] == ["train", "val"]
    drawn = [split_of(info(f"trajectory{index}"), 0.1) for index in range(500)]
    assert 25 < drawn.count("val") < 80
    assert drawn == [split_of(info(f"trajectory{index}"), 0.1) for index in range(500)]
    assert split_of(info("a"), 1.0) == "val"
    assert split_of(info("a"), 0.0) == "train"
