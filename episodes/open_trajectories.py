"""Open recordings and data sets of any known format as trajectories."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cairn.episodes.alignment import Alignment
from cairn.episodes.assumed_camera import assume_camera
from cairn.episodes.bag_trajectories import bag_trajectories
from cairn.episodes.episode import Verdict
from cairn.episodes.formats.gnm_reader import (
    DATA_FILE,
    SPLIT_FILE,
    GnmTrajectory,
    folders_of_split,
)
from cairn.episodes.formats.recon_reader import ReconTrajectory
from cairn.episodes.topic_mapping import TopicMapping
from cairn.episodes.trajectory import Trajectory
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError

HDF5_ENDINGS = (".hdf5", ".h5")
BAG_ENDINGS = (".mcap", ".db3")


@dataclass(frozen=True)
class ReadingOptions:
    """How to read.

    Attributes:
        alignment: how a bag's streams become steps; its rate is also that of data sets without stamps.
        include: bags: episodes of which verdicts to read.  A bag in which nobody ever marked an episode is
            read as one, whatever this says.
        topics: bags: which topic is what.
        namespace: bags: of the robot, where several are in one bag.
        camera: that took the images of a source that does not say it; None leaves it unknown.
    """

    alignment: Alignment = field(default_factory=Alignment)
    include: Collection[Verdict] = (Verdict.KEPT,)
    topics: TopicMapping = field(default_factory=TopicMapping)
    namespace: str = ""
    camera: CameraModel | None = None


@dataclass(frozen=True)
class TrajectorySource:
    """A file or folder that holds trajectories, and how it is read.

    Attributes:
        path: what was found.
        format: "bag", "recon", "gnm" or "lerobot".
    """

    path: Path
    format: str

    def trajectories(self, options: ReadingOptions) -> Iterator[Trajectory]:
        """Open it.  Raises CairnError when it is damaged, or images do not fit the camera of the options."""
        for trajectory in _OPENERS[self.format](self.path, options):
            if options.camera is not None and trajectory.info.camera is None:
                assume_camera(trajectory, options.camera)
            yield trajectory


def open_trajectories(path: Path, options: ReadingOptions | None = None) -> Iterator[Trajectory]:
    """All trajectories in a bag, a RECON HDF5 file, a GNM folder, a LeRobot data set, or a folder of these.

    Each is opened when its turn comes.

    Raises CairnError when nothing of a known format is there, or what is there can't be read.
    """
    for source in find_sources(path):
        yield from source.trajectories(options or ReadingOptions())


def find_sources(path: Path) -> list[TrajectorySource]:
    """The files and folders with trajectories at a path or below it, by name.

    The list of a GNM split, `<data>/train/traj_names.txt`, stands for those trajectories.

    Raises CairnError when there is none.
    """
    if path.name == SPLIT_FILE and path.is_file():
        found = [TrajectorySource(folder, "gnm") for folder in folders_of_split(path)]
    elif path.is_file():
        found = [TrajectorySource(path, kind) for kind in [_format_of_file(path)] if kind]
    elif path.is_dir():
        found = _in_directory(path)
    else:
        raise CairnError(f"there is no {path}: expected a bag or a data set of RECON, GNM or LeRobot")
    if not found:
        raise CairnError(
            f"nothing to read in {path}: expected a bag ({', '.join(BAG_ENDINGS)}), RECON's HDF5 "
            f"({', '.join(HDF5_ENDINGS)}), GNM folders (traj_data.pkl) or LeRobot's meta/info.json"
        )
    return found


def _in_directory(path: Path) -> list[TrajectorySource]:
    if any(entry.suffix in BAG_ENDINGS for entry in path.iterdir()):
        return [TrajectorySource(path, "bag")]
    files = sorted(found for found in path.rglob("*") if found.is_file() and not _is_hidden(found, path))
    bags = sorted({found.parent for found in files if found.suffix in BAG_ENDINGS})
    return [
        *(TrajectorySource(bag, "bag") for bag in bags),
        *(TrajectorySource(found, "recon") for found in files if found.suffix in HDF5_ENDINGS),
        *(TrajectorySource(found.parent, "gnm") for found in files if found.name == DATA_FILE),
        *(TrajectorySource(found.parent.parent, "lerobot") for found in files if _is_lerobot(found)),
    ]


def _format_of_file(path: Path) -> str | None:
    if path.suffix in BAG_ENDINGS:
        return "bag"
    return "recon" if path.suffix in HDF5_ENDINGS else None


def _is_hidden(path: Path, base: Path) -> bool:
    """Whether it is part of something hidden, such as a data set that was never completed."""
    return any(part.startswith(".") for part in path.relative_to(base).parts)


def _is_lerobot(path: Path) -> bool:
    return path.parts[-2:] == ("meta", "info.json")


def _open_bag(path: Path, options: ReadingOptions) -> Iterator[Trajectory]:
    yield from bag_trajectories(path, options.alignment, options.include, options.topics, options.namespace)


def _open_recon(path: Path, options: ReadingOptions) -> Iterator[Trajectory]:
    yield ReconTrajectory(path, options.alignment.rate)


def _open_gnm(path: Path, options: ReadingOptions) -> Iterator[Trajectory]:
    yield GnmTrajectory(path, options.alignment.rate)


def _open_lerobot(path: Path, options: ReadingOptions) -> Iterator[Trajectory]:
    # Its libraries take a while to load.
    from cairn.episodes.formats.lerobot_reader import lerobot_trajectories

    yield from lerobot_trajectories(path)


_OPENERS: dict[str, Callable[[Path, ReadingOptions], Iterator[Trajectory]]] = {
    "bag": _open_bag,
    "recon": _open_recon,
    "gnm": _open_gnm,
    "lerobot": _open_lerobot,
}
