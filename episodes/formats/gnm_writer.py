"""Folders that GNM, ViNT and NoMaD train on."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import numpy as np

from cairn.episodes.formats.array_pickle import dump
from cairn.episodes.formats.dataset_writer import DatasetWriter, WrittenTrajectory
from cairn.episodes.formats.gnm_reader import DATA_FILE, SPLIT_FILE
from cairn.episodes.formats.jpeg import jpeg_of
from cairn.episodes.quality_gate import JudgedStep
from cairn.episodes.step import PlanarPose
from cairn.episodes.trajectory import TrajectoryInfo
from cairn.hardware.errors import CairnError

SPLITS = ("train", "test")


class GnmWriter(DatasetWriter):
    """Writes `<name>/0.jpg` … and `<name>/traj_data.pkl`; only images and poses, for it holds no more."""

    def __init__(self, directory: Path, quality: int) -> None:
        self._directory = directory
        self._quality = quality
        self._poses: list[PlanarPose] = []
        self._folder = directory

    def begin(self, info: TrajectoryInfo, first: JudgedStep) -> None:
        if info.name in SPLITS:
            raise CairnError(f"a trajectory can't be called {info.name}: that is the folder of a split")
        self._folder = self._directory / info.name
        self._folder.mkdir()
        self._poses = []

    def add(self, judged: JudgedStep) -> None:
        path = self._folder / f"{len(self._poses)}.jpg"
        path.write_bytes(jpeg_of(judged, self._quality))
        self._poses.append(judged.step.pose)

    def end(self) -> None:
        poses = np.array(self._poses, np.float64)
        # Headings run on beyond half a turn, so that differences of neighbours are small.
        data = {"position": poses[:, :2].copy(), "yaw": np.unwrap(poses[:, 2])}
        dump(data, self._folder / DATA_FILE)

    def close(self) -> None:
        pass


def write_splits(directory: Path, written: Iterable[WrittenTrajectory], test_share: float) -> None:
    """`train/traj_names.txt` and `test/traj_names.txt`.

    The name of its drive decides where a trajectory goes: the same in every run, and pieces of one drive
    never in both.
    """
    names: dict[str, list[str]] = {split: [] for split in SPLITS}
    for trajectory in written:
        digest = blake2b(trajectory.drive.encode(), digest_size=8).digest()
        is_test = int.from_bytes(digest, "big") < test_share * 2**64
        names["test" if is_test else "train"].append(trajectory.name)
    for split, chosen in names.items():
        (directory / split).mkdir()
        text = "".join(f"{name}\n" for name in sorted(chosen))
        (directory / split / SPLIT_FILE).write_text(text, encoding="utf-8")
