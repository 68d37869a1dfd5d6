"""Data sets come from elsewhere: what is damaged is left out and named, what is hostile does nothing."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bridge_samples import Calls, SampleTrajectory, jpeg, opened, sample

from cairn.episodes.bridge import rlds_layout as keys
from cairn.episodes.bridge.bridge_conversion import BridgeConversionOptions, convert_bridge
from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeInfo
from cairn.episodes.bridge.numpy_writer import NumpyWriter
from cairn.episodes.bridge.raw_writer import RawWriter
from cairn.episodes.bridge.rlds_writer import RldsWriter
from cairn.episodes.bridge.tf_example import parse_example, serialise_example
from cairn.episodes.bridge.tfrecord import RecordFile, read_records
from cairn.episodes.picture import Picture
from cairn.hardware.errors import CairnError

TO_RLDS = BridgeConversionOptions("rlds")


def raw(tmp_path: Path, count: int = 1) -> tuple[Path, Path]:
    """A raw directory and the first demonstration in it."""
    writer = RawWriter(tmp_path / "raw")
    for index in range(count):
        writer.write(sample(f"sample{index}"))
    writer.close()
    return tmp_path / "raw", next((tmp_path / "raw").rglob("traj0"))


def rlds(tmp_path: Path, edit: Callable[[dict[str, Any]], None] = lambda features: None) -> Path:
    """A data set of three, whose second was edited."""
    (tmp_path / "rlds").mkdir()
    writer = RldsWriter(tmp_path / "rlds", val_share=0.0)
    for index in range(3):
        writer.write(sample(f"sample{index}", has_last_observation=False))
    writer.close()
    file = tmp_path / "rlds" / keys.shard_name("train", 0, 1)
    records = list(read_records(file))
    features = {name: (kind, list(values)) for name, (kind, values) in parse_example(records[1]).items()}
    edit(features)
    file.unlink()
    with RecordFile(file) as new:
        for record in (records[0], serialise_example(features), records[2]):
            new.add(record)
    return tmp_path / "rlds"


def loaded(path: Path) -> Any:
    return pickle.loads(path.read_bytes())


def problem_of(path: Path, tmp_path: Path, kept: int) -> str:
    """The one problem of a conversion that keeps so many demonstrations; none makes an error."""
    output = tmp_path / "out"
    if not kept:
        with pytest.raises(CairnError, match="nothing is left: ") as caught:
            convert_bridge([path], output, TO_RLDS)
        assert not output.exists()
        assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".out")] == []
        return str(caught.value)
    report = convert_bridge([path], output, TO_RLDS)
    assert len(report.written) == kept
    assert sum(1 for _ in opened(output)) == kept
    (problem,) = report.problems
    return problem


@pytest.mark.parametrize("name", ["obs_dict.pkl", "policy_out.pkl"])
def test_a_pickle_that_calls_is_refused_and_the_others_are_kept(tmp_path: Path, name: str):
    path, folder = raw(tmp_path, 2)
    mark = tmp_path / "mark"
    (folder / name).write_bytes(pickle.dumps({"full_state": Calls(mark), "actions": [Calls(mark)]}))
    problem = problem_of(path, tmp_path, 1)
    assert f"{name} is refused: it calls posix.system; only dict, list" in problem
    assert not mark.exists()


def test_a_hostile_pickle_that_nobody_needs_is_not_run_but_reported(tmp_path: Path):
    path, folder = raw(tmp_path)
    mark = tmp_path / "mark"
    (folder / "agent_data.pkl").write_bytes(pickle.dumps(Calls(mark)))
    report = convert_bridge([path], tmp_path / "out", TO_RLDS)
    assert any("agent_data.pkl is refused: it calls posix.system" in what for what in report.left_out)
    assert not mark.exists()


def test_an_out_npy_that_calls_is_refused(tmp_path: Path):
    mark, path = tmp_path / "mark", tmp_path / "out.npy"
    hidden = {"observations": [], "next_observations": [], "actions": [Calls(mark)]}
    for content in ([Calls(mark)], [hidden]):
        row = np.empty(1, object)
        row[:] = content
        np.save(path, row, allow_pickle=True)
        problem = problem_of(path, tmp_path, 0)
        assert "out.npy is refused: it calls posix.system" in problem
        assert not mark.exists()


def test_what_is_no_row_of_demonstrations_is_refused(tmp_path: Path):
    path = tmp_path / "out.npy"
    np.save(path, np.zeros((2, 7)))
    assert "expected a row of objects, got float64 of shape (2, 7)" in problem_of(path, tmp_path, 0)
    path.write_bytes(b"\x93NUMPY\x01\x00\xff\xff{'descr'")
    assert "is no .npy file" in problem_of(path, tmp_path, 0)
    path.write_bytes(b"\x93NUMPY\x01\x00\x0a\x00{'descr': (\n")
    assert "is no .npy file" in problem_of(path, tmp_path, 0)
    row = np.empty(2, object)
    row[:] = [{"observations": []}, "text"]
    np.save(path, row, allow_pickle=True)
    problem = problem_of(path, tmp_path, 0)
    assert "expected observations, next_observations and actions, got ['observations']" in problem
    assert "got str" in problem


def test_lists_of_different_lengths_are_refused(tmp_path: Path):
    writer = NumpyWriter(tmp_path, val_share=0.0)
    writer.write(sample())
    writer.close()
    path = tmp_path / "train/out.npy"
    (content,) = np.load(path, allow_pickle=True)
    for key, value, words in (
        ("actions", content["actions"][:-1], "'actions': 4"),
        ("next_observations", content["observations"], "the next observation is not the one observed next"),
        ("observations", [*content["observations"][:-1], 3], "expected dictionaries with a state"),
    ):
        row = np.empty(1, object)
        row[:] = [content | {key: value}]
        np.save(path, row, allow_pickle=True)
        assert words in problem_of(path, tmp_path, 0)


def test_more_or_fewer_actions_than_states_are_refused(tmp_path: Path):
    path, folder = raw(tmp_path, 2)
    policy = loaded(folder / "policy_out.pkl")
    (folder / "policy_out.pkl").write_bytes(pickle.dumps(policy[:-1]))
    assert "expected one state more than actions, got 6 states and 4 actions" in problem_of(path, tmp_path, 1)


def test_a_missing_image_costs_its_demonstration(tmp_path: Path):
    path, folder = raw(tmp_path, 2)
    (folder / "images2/im_3.jpg").unlink()
    assert "images2: expected 6 images, one a state, got 5" in problem_of(path, tmp_path, 1)
    (folder / "images2/im_7.jpg").write_bytes(jpeg(np.random.default_rng()))
    shutil.rmtree(tmp_path / "out")
    assert "images2/im_3.jpg can't be read: No such file" in problem_of(path, tmp_path, 1)


def test_a_damaged_image_costs_its_demonstration(tmp_path: Path):
    path, folder = raw(tmp_path, 2)
    image = folder / "images0/im_2.jpg"
    image.write_bytes(image.read_bytes()[:-50])
    problem = problem_of(path, tmp_path, 1)
    assert str(folder) in problem
    assert "bytes is damaged" in problem


def test_links_are_not_followed(tmp_path: Path):
    path, folder = raw(tmp_path, 2)
    image = folder / "images0/im_2.jpg"
    image.rename(tmp_path / "elsewhere.jpg")
    image.symlink_to(tmp_path / "elsewhere.jpg")
    assert "im_2.jpg is a link" in problem_of(path, tmp_path, 1)
    shutil.rmtree(tmp_path / "out")
    shutil.move(folder / "obs_dict.pkl", tmp_path / "elsewhere.pkl")
    (folder / "obs_dict.pkl").symlink_to(tmp_path / "elsewhere.pkl")
    assert "obs_dict.pkl is a link" in problem_of(path, tmp_path, 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_state_that_is_not_finite_is_refused_everywhere(tmp_path: Path, bad: float):
    path, folder = raw(tmp_path, 2)
    observations = loaded(folder / "obs_dict.pkl")
    observations["full_state"][2, 4] = bad
    (folder / "obs_dict.pkl").write_bytes(pickle.dumps(observations))
    assert "step 2: state: expected 7 finite numbers, got [" in problem_of(path, tmp_path, 1)


@pytest.mark.parametrize(
    ("key", "change", "words"),
    [
        (
            keys.STATE,
            lambda kind, values: (kind, [*values[:-1], float("nan")]),
            "step 4: state: expected 7 finite",
        ),
        (keys.STATE, lambda kind, values: (kind, values[:-1]), "expected 7 numbers a step"),
        (keys.ACTION, lambda kind, values: (kind, values[:-7]), "as many actions as states, got 4 and 5"),
        (keys.ACTION, lambda kind, values: ("int", [1] * 35), "expected float in steps/action, got int"),
        (keys.ACTION, None, "there is no steps/action; there are episode_metadata/episode_id"),
        (keys.IMAGE + "0", lambda kind, values: (kind, values[:-1]), "expected 5 values of .*image_0, got 4"),
        (
            keys.IMAGE + "0",
            lambda kind, values: ("float", [0.0] * 5),
            "expected bytes in .*image_0, got float",
        ),
        (keys.IMAGE + "0", lambda kind, values: (kind, [b"x"] * 5), "expected JPEG or PNG, got 1 bytes"),
        (keys.EMBEDDING, lambda kind, values: (kind, values[:-1]), "expected 512 numbers a step"),
        (keys.REWARD, lambda kind, values: (kind, values[:-1]), "expected 5 values of steps/reward, got 4"),
        (keys.LANGUAGE, lambda kind, values: ("int", [3]), "expected bytes in steps/language"),
        (keys.EPISODE_ID, lambda kind, values: ("bytes", [b"x"]), "expected int in .*episode_id"),
    ],
)
def test_a_bad_record_costs_itself_alone(tmp_path: Path, key: str, change: Any, words: str):
    def edit(features: dict[str, Any]) -> None:
        features.pop(key) if change is None else features.update({key: change(*features[key])})

    path = rlds(tmp_path, edit)
    problem = problem_of(path, tmp_path, 2)
    assert "train-000001" in problem
    with pytest.raises(CairnError, match=words):
        raise CairnError(problem)


def test_a_cut_file_keeps_what_came_before(tmp_path: Path):
    path = rlds(tmp_path)
    file = path / keys.shard_name("train", 0, 1)
    file.write_bytes(file.read_bytes()[:-20])
    assert "record 2 is cut off" in problem_of(path, tmp_path, 2)


def test_a_data_set_that_lacks_demonstrations_says_so(tmp_path: Path):
    path = rlds(tmp_path)
    file = path / keys.shard_name("train", 0, 1)
    records = list(read_records(file))
    file.unlink()
    with RecordFile(file) as new:
        new.add(records[0])
    assert "expected 3 demonstrations, got 1" in problem_of(path, tmp_path, 1)
    shutil.rmtree(tmp_path / "out")
    file.rename(path / keys.shard_name("train", 1, 2))
    assert "of 2 files of train, number 0 is missing" in problem_of(path, tmp_path, 0)


def test_a_description_that_is_none_is_named(tmp_path: Path):
    path = rlds(tmp_path)
    for content in ("{", "[]", json.dumps({"splits": [{"name": "train"}]})):
        (path / keys.INFO_FILE).write_text(content)
        assert "dataset_info.json is no description of a TFDS data set" in problem_of(path, tmp_path, 0)


@pytest.mark.parametrize("field", ["name", "task", "split"])
@pytest.mark.parametrize("bad", ["../out", "a/b", ".hidden", "a\\b", "..", "a\nb"])
def test_names_are_never_paths(field: str, bad: str):
    with pytest.raises(CairnError, match="without slashes and not beginning with a dot"):
        replace(sample().info, **{field: bad})


def test_a_task_made_of_language_is_a_plain_folder(tmp_path: Path):
    writer = RawWriter(tmp_path / "raw")
    info = replace(sample().info, task="", language=("../../Put it/over there",))
    writer.write(SampleTrajectory(info, list(sample().steps())))
    assert [entry.name for entry in (tmp_path / "raw").iterdir()] == ["put_it_over_there"]


def test_steps_are_checked():
    picture = Picture.compressed(jpeg(np.random.default_rng(0)))
    for state, action, words in (
        (np.zeros(6), None, "state: expected 7 finite numbers"),
        ("text", None, "state: expected 7 numbers, got str"),
        (np.zeros(7), [0.0] * 6 + [np.nan], "action: expected 7 finite numbers"),
        (np.zeros(7), {"world_vector": 1}, "action: expected 7 numbers, got dict"),
    ):
        with pytest.raises(CairnError, match=words):
            BridgeStep({0: picture}, state, action)
    with pytest.raises(CairnError, match="finite stamp"):
        BridgeStep({}, np.zeros(7), stamp=np.nan)
    assert not BridgeStep({}, np.zeros(7)).state.flags.writeable


def test_a_failed_demonstration_leaves_nothing_of_itself(tmp_path: Path):
    steps = [*sample().steps()]
    broken = replace(steps[3], pictures={0: steps[3].pictures[0], 2: Picture(b"\xff\xd8\xff", "jpeg")})
    writer = RawWriter(tmp_path)
    with pytest.raises(CairnError, match="no jpeg image"):
        writer.write(SampleTrajectory(sample().info, [*steps[:3], broken, *steps[4:]]))
    assert list(tmp_path.iterdir()) == []


def test_cameras_that_rlds_has_no_name_for_are_refused(tmp_path: Path):
    with pytest.raises(CairnError, match="has camera 5; cameras 0 to 3 can be held"):
        RldsWriter(tmp_path).write(sample(cameras=(0, 5)))


def test_nothing_is_overwritten_and_nothing_found_is_said(tmp_path: Path):
    path, _ = raw(tmp_path)
    with pytest.raises(CairnError, match="exists already"):
        convert_bridge([path], path, TO_RLDS)
    with pytest.raises(CairnError, match="holds no Bridge Data; expected"):
        convert_bridge([Path(__file__)], tmp_path / "out", TO_RLDS)
    with pytest.raises(CairnError, match="is not there"):
        convert_bridge([tmp_path / "none"], tmp_path / "out", TO_RLDS)
    for options, words in (
        ({"format": "zarr"}, "valid: raw, numpy, rlds"),
        ({"format": "raw", "jpeg_quality": 0}, r"in \[1, 100\]"),
        ({"format": "raw", "val_share": float("nan")}, r"in \[0, 1\]"),
    ):
        with pytest.raises(CairnError, match=words):
            BridgeConversionOptions(**options)


def test_info_needs_no_more_than_a_name_and_cameras():
    info = BridgeInfo("x", Path("y"), (0,))
    assert (info.language, info.split, info.embedding) == ((), "", None)
