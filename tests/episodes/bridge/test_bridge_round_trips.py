"""Every field that two formats can hold survives the way from one to the other and back."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bridge_samples import SampleTrajectory, opened, real_data, sample

from cairn.episodes.bridge.bridge_conversion import BridgeConversionOptions, convert_bridge
from cairn.episodes.bridge.bridge_step import BridgeStep
from cairn.episodes.bridge.bridge_trajectory import BridgeTrajectory
from cairn.episodes.bridge.bridge_writer import BridgeWriter
from cairn.episodes.bridge.numpy_writer import NumpyWriter
from cairn.episodes.bridge.raw_writer import RawWriter
from cairn.episodes.bridge.rlds_writer import RldsWriter

WRITERS = {"raw": RawWriter, "numpy": NumpyWriter, "rlds": RldsWriter}


def through(
    directory: Path, kind: str, trajectories: Sequence[BridgeTrajectory]
) -> tuple[list[BridgeTrajectory], BridgeWriter]:
    """What is read after it was written."""
    directory.mkdir()
    writer = WRITERS[kind](directory)
    for trajectory in trajectories:
        writer.write(trajectory)
    writer.close()
    return opened(directory), writer


def assert_alike(
    found: Sequence[BridgeStep], expected: Sequence[BridgeStep], tolerance: float = 1e-9
) -> None:
    """Pictures to the byte where they are JPEG in both, else to the pixel; states and actions."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.state, other.state, atol=tolerance)
        assert (one.action is None) == (other.action is None)
        if one.action is not None:
            np.testing.assert_allclose(one.action, other.action, atol=tolerance)
        assert one.pictures.keys() == other.pictures.keys()
        for camera, picture in one.pictures.items():
            if picture.jpeg is not None and other.pictures[camera].jpeg is not None:
                assert picture.data == other.pictures[camera].data
            else:
                np.testing.assert_array_equal(picture.pixels(), other.pictures[camera].pixels())


def test_raw_holds_all_but_embedding_and_rewards(tmp_path: Path):
    before = sample()
    (after,), writer = through(tmp_path / "raw", "raw", [before])
    steps, expected = list(after.steps()), list(before.steps())
    assert_alike(steps, expected)
    assert [step.stamp for step in steps] == [step.stamp for step in expected]
    for step, other in zip(steps, expected, strict=True):
        assert step.extras.keys() == other.extras.keys()
        for key, value in step.extras.items():
            np.testing.assert_array_equal(value, other.extras[key])
    assert (after.info.language, after.info.cameras, after.info.task) == (
        before.info.language,
        (0, 2),
        "put_carrot",
    )
    assert writer.left_out == {"language embedding": 1}
    assert after.left_out == {}


def test_numpy_holds_pixels_states_stamps_and_language(tmp_path: Path):
    before = sample(split="val")
    (after,), writer = through(tmp_path / "numpy", "numpy", [before])
    steps, expected = list(after.steps()), list(before.steps())
    assert_alike(steps, expected)
    assert [step.stamp for step in steps] == [step.stamp for step in expected]
    assert (after.info.language, after.info.cameras, after.info.split) == (
        before.info.language,
        (0, 2),
        "val",
    )
    assert set(writer.left_out) == {
        "language embedding",
        "qpos",
        "eef_transform",
        "policy/new_robot_transform",
    }


def test_rlds_holds_steps_with_actions_language_and_embedding(tmp_path: Path):
    before = sample(split="train", has_last_observation=False)
    steps = [
        BridgeStep(
            step.pictures, step.state, step.action, reward=float(t == 4), discount=0.5, is_terminal=t == 4
        )
        for t, step in enumerate(before.steps())
    ]
    (after,), writer = through(tmp_path / "rlds", "rlds", [SampleTrajectory(before.info, steps)])
    found = list(after.steps())
    assert_alike(found, steps, 1e-6)
    assert [(step.reward, step.discount, step.is_terminal) for step in found] == [
        (step.reward, step.discount, step.is_terminal) for step in steps
    ]
    info = after.info
    assert (info.language, info.cameras, info.split) == (before.info.language[:1], (0, 2), "train")
    assert (info.episode_id, info.provenance) == (7, "/nfs/somewhere/out.npy")
    np.testing.assert_array_equal(info.embedding, before.info.embedding)
    assert writer.left_out == {"further descriptions of the task": 1}


def test_what_has_no_place_is_said(tmp_path: Path):
    _, writer = through(tmp_path / "rlds", "rlds", [sample()])
    assert writer.left_out["observation after the last action"] == 1
    assert writer.left_out["stamps"] == 1
    (after,), writer = through(tmp_path / "raw", "raw", [sample(has_last_observation=False)])
    assert writer.left_out["last action, for no observation follows it"] == 1
    assert sum(step.action is not None for step in after.steps()) == 4


@pytest.mark.parametrize("kind", ["raw", "numpy", "rlds"])
def test_real_demonstrations_come_back(tmp_path: Path, kind: str):
    before = opened(real_data())
    assert (len(before), before[0].info.cameras) == (25, (0, 1, 2))
    after, _ = through(tmp_path / kind, kind, before)
    expected = {key(trajectory): list(trajectory.steps()) for trajectory in before}
    assert len(after) == len(expected) == 25
    for trajectory in after:
        original = expected[key(trajectory)]
        steps = list(trajectory.steps())
        assert_alike(
            [step for step in steps if step.action is not None], original[: 10 if kind == "rlds" else 9]
        )
        np.testing.assert_allclose(steps[-1].state, original[-1].state)
    if kind == "rlds":
        found = {key(trajectory): trajectory.info for trajectory in after}
        for trajectory in before:
            np.testing.assert_array_equal(found[key(trajectory)].embedding, trajectory.info.embedding)
            assert found[key(trajectory)].provenance == trajectory.info.provenance


def key(trajectory: BridgeTrajectory) -> tuple[object, ...]:
    """What identifies a real demonstration in every format: its language and first state."""
    return (*trajectory.info.language, *np.round(next(iter(trajectory.steps())).state, 6))


def test_all_the_way_round_real_demonstrations_are_the_same(tmp_path: Path):
    source = real_data()
    for step, kind in enumerate(("raw", "numpy", "rlds")):
        output = tmp_path / f"{step}"
        report = convert_bridge([source], output, BridgeConversionOptions(kind, jpeg_quality=100))
        assert (len(report.written), report.problems) == (25, [])
        source = output
    before = {key(trajectory): list(trajectory.steps()) for trajectory in opened(real_data())}
    for trajectory in opened(source):
        for found, expected in zip(trajectory.steps(), before[key(trajectory)][:9], strict=True):
            np.testing.assert_allclose(found.action, expected.action)
            for camera in (0, 1, 2):
                # Decoded and encoded once more.
                error = found.pictures[camera].pixels().astype(int) - expected.pictures[camera].pixels()
                assert np.abs(error).mean() < 2.0


def test_raw_has_nominal_stamps_where_there_are_none(tmp_path: Path):
    steps = [replace(step, stamp=None) for step in sample().steps()]
    (after,), writer = through(tmp_path / "raw", "raw", [SampleTrajectory(sample().info, steps)])
    assert [step.stamp for step in after.steps()] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert "stamps, for the source has none: steps are 0.2 s apart" in writer.left_out


def test_the_tools_of_the_publishers_find_what_they_expect(tmp_path: Path):
    through(tmp_path / "raw", "raw", [sample()])
    (folder,) = (tmp_path / "raw").glob("put_carrot/00/*/raw/traj_group0/traj0")
    observations = pickle.loads((folder / "obs_dict.pkl").read_bytes())
    policy = pickle.loads((folder / "policy_out.pkl").read_bytes())
    assert observations["full_state"].shape == (6, 7)
    assert [entry["actions"].shape for entry in policy] == [(7,)] * 5
    assert len(list((folder / "images2").glob("im_*.jpg"))) == 6
    through(tmp_path / "numpy", "numpy", [sample(split="train")])
    (content,) = np.load(tmp_path / "numpy/train/out.npy", allow_pickle=True)
    assert content["observations"][1]["images0"].shape == (24, 32, 3)
    np.testing.assert_array_equal(
        content["observations"][1]["images0"], content["next_observations"][0]["images0"]
    )
    assert (len(content["actions"]), content["terminals"]) == (5, [0] * 5)
    assert content["language"][0] == "put the carrot on the plate"
