"""The folders of GNM, ViNT and NoMaD, written, read, and attacked."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from conversions import assert_same, convert
from drive_bags import arc, jpeg, write_drive, write_full_drive
from PIL import Image

from cairn.episodes.formats.array_pickle import PickleRefused, dump
from cairn.episodes.formats.dataset_writer import WrittenTrajectory
from cairn.episodes.formats.gnm_writer import write_splits
from cairn.episodes.open_trajectories import open_trajectories
from cairn.episodes.step_tally import DropReason
from cairn.hardware.errors import CairnError


def gnm_folder(path: Path, length: int = 12) -> Path:
    """As the public scripts write it."""
    path.mkdir(parents=True)
    for number in range(length):
        (path / f"{number}.jpg").write_bytes(jpeg(number))
    poses = np.array([arc(number / 4) for number in range(length)])
    dump({"position": poses[:, :2], "yaw": poses[:, 2]}, path / "traj_data.pkl")
    return path


def test_images_and_poses_survive_from_bag_to_gnm_and_back(tmp_path: Path) -> None:
    (source,) = open_trajectories(write_full_drive(tmp_path / "run"))
    expected = list(source.steps())
    convert(tmp_path / "run", tmp_path / "gnm", "gnm")
    (stored,) = open_trajectories(tmp_path / "gnm")
    steps = list(stored.steps())
    assert stored.info.name == "run_first"
    assert [step.jpeg for step in steps] == [step.jpeg for step in expected]
    np.testing.assert_allclose([step.pose for step in steps], [step.pose for step in expected])
    np.testing.assert_allclose(np.diff([step.stamp for step in steps]), 0.25)
    convert(tmp_path / "gnm", tmp_path / "bags", "bag")
    (again,) = open_trajectories(tmp_path / "bags")
    found = list(again.steps())
    assert found[0].velocity is None
    assert_same(found[1:], steps[1:])


def test_the_loader_of_the_public_code_reads_it(tmp_path: Path) -> None:
    convert(write_drive(tmp_path / "run", seconds=30.0, camera_rate=4.0), tmp_path / "gnm", "gnm")
    with (tmp_path / "gnm/run/traj_data.pkl").open("rb") as stream:
        data = pickle.load(stream)
    assert {key: value.shape for key, value in data.items()} == {"position": (121, 2), "yaw": (121,)}
    # Headings go on beyond half a turn: 30 s on the arc turn by 15 rad.
    assert data["yaw"][-1] - data["yaw"][0] == pytest.approx(15.0, abs=1e-3)
    names = (tmp_path / "gnm/train/traj_names.txt").read_text().split("\n")
    assert names == ["run", ""]
    for number in (0, 60, 120):
        assert Image.open(tmp_path / f"gnm/run/{number}.jpg").size == (64, 48)
    assert not (tmp_path / "gnm/run/121.jpg").exists()


def test_a_list_of_a_split_is_read_beside_its_trajectories(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        gnm_folder(tmp_path / "data" / name)
    (tmp_path / "data/train").mkdir()
    names = tmp_path / "data/train/traj_names.txt"
    names.write_text("c\na\n\n")
    assert [found.info.name for found in open_trajectories(names)] == ["c", "a"]
    names.write_text("a\nd\n")
    with pytest.raises(CairnError, match=r"names d, but there is no .*data/d/traj_data\.pkl"):
        list(open_trajectories(names))


@pytest.mark.parametrize("name", ["../secret", "/etc", "a/b", "..", ".hidden", "a\\b", "a\x00b"])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    gnm_folder(tmp_path / "secret")
    gnm_folder(tmp_path / "data/a")
    (tmp_path / "data/train").mkdir()
    (tmp_path / "data/train/traj_names.txt").write_text(f"a\n{name}\n")
    with pytest.raises(CairnError, match="expected the name of a trajectory, without slashes"):
        list(open_trajectories(tmp_path / "data/train/traj_names.txt"))


def test_links_to_other_files_are_not_images(tmp_path: Path) -> None:
    folder = gnm_folder(tmp_path / "a")
    (folder / "3.jpg").unlink()
    (folder / "3.jpg").symlink_to(folder / "2.jpg")
    (folder / "5.jpg").unlink()
    (folder / "6.jpg").write_bytes(b"GIF89a")
    (trajectory,) = open_trajectories(folder)
    assert len(list(trajectory.steps())) == 9
    assert trajectory.tally.dropped == {DropReason.CORRUPT_IMAGE: 3}


def test_poses_that_are_not_finite_are_left_out(tmp_path: Path) -> None:
    folder = gnm_folder(tmp_path / "a")
    position = np.zeros((12, 2))
    position[4, 1] = np.inf
    dump({"position": position, "yaw": np.zeros((12, 1))}, folder / "traj_data.pkl")
    (trajectory,) = open_trajectories(folder)
    assert [step.stamp for step in trajectory.steps()] == [number / 4 for number in range(12) if number != 4]
    assert trajectory.tally.dropped == {DropReason.INVALID_ODOMETRY: 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"position": np.zeros((3, 2))}, r"expected position and yaw, got \['position'\]"),
        ([1.0], "expected position and yaw, got list"),
        ({"position": np.zeros(3), "yaw": np.zeros(3)}, r"expected position \(T, 2\)"),
        ({"position": np.zeros((3, 2)), "yaw": np.zeros(4)}, r"got \(3, 2\) and \(4,\)"),
        ({"position": [[1, 2], [3]], "yaw": [0.0]}, "expected arrays of numbers"),
        ({"position": {"x": 1}, "yaw": [0.0]}, "expected arrays of numbers"),
    ],
)
def test_data_of_another_shape_is_refused(tmp_path: Path, content: object, words: str) -> None:
    folder = gnm_folder(tmp_path / "a")
    dump(content, folder / "traj_data.pkl")
    with pytest.raises(CairnError, match=words):
        list(open_trajectories(folder))


class Hostile:
    def __reduce__(self) -> object:
        return os.system, ("touch ran",)


def test_a_hostile_pickle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = gnm_folder(tmp_path / "a")
    data = {"position": np.zeros((12, 2)), "yaw": np.zeros(12), "more": [Hostile()]}
    (folder / "traj_data.pkl").write_bytes(pickle.dumps(data))
    with pytest.raises(PickleRefused, match=r"traj_data\.pkl is refused: it calls posix\.system"):
        list(open_trajectories(folder))
    assert not Path("ran").exists()


def test_pieces_of_one_drive_go_into_one_split(tmp_path: Path) -> None:
    written = [
        WrittenTrajectory(f"drive{drive}-{piece}", f"drive{drive}", 10, "")
        for drive in range(200)
        for piece in range(2)
    ]
    write_splits(tmp_path, written, test_share=0.25)
    splits = {split: (tmp_path / split / "traj_names.txt").read_text().split() for split in ("train", "test")}
    drives = {split: {name.split("-")[0] for name in names} for split, names in splits.items()}
    assert not drives["train"] & drives["test"]
    assert len(splits["train"]) + len(splits["test"]) == 400
    assert 0.15 < len(drives["test"]) / 200 < 0.35
