"""Trajectories of the RECON release (HDF5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from cairn.episodes.formats import recon_layout as keys
from cairn.episodes.formats.recon_description import read_description
from cairn.episodes.picture import Picture, PictureError
from cairn.episodes.step import CollisionFlags, GpsFix, ImuReading, PlanarPose, Step
from cairn.episodes.step_tally import DropReason, StepTally
from cairn.episodes.trajectory import Trajectory
from cairn.hardware.errors import CairnError
from cairn.hardware.twist import Twist

_BLOCK = 256  # steps whose numbers are read at once
_LONGEST = 10_000_000  # steps
_LARGEST_IMAGE = 64 * 2**20  # bytes


class ReconTrajectory(Trajectory):
    """One HDF5 file, read step by step.

    Files of the release have no stamps: the k-th step is taken to be `k / rate` seconds from the first.
    What Cairn wrote says its stamps, rate and camera itself.  Nothing outside of the file is followed:
    external links, external storage and virtual datasets are refused.

    Raises CairnError when the file is no such HDF5, or images, positions or headings are missing or have
    another shape.
    """

    def __init__(self, path: Path, rate: float) -> None:
        self._path = path
        with _opened(path) as file:
            length = len(_datasets(file, path)[keys.IMAGE])
            super().__init__(read_description(file, path, rate, length))

    def steps(self) -> Iterator[Step]:
        """See `Trajectory`; steps with a pose that is not finite or without an image are left out."""
        self.tally = StepTally()
        with _opened(self._path) as file:
            datasets = _datasets(file, self._path)
            self.tally.unread |= _names(file) - datasets.keys()
            images = datasets.pop(keys.IMAGE)
            try:
                for start in range(0, len(images), _BLOCK):
                    block = {
                        key: found[start : start + _BLOCK].reshape(-1, *keys.SHAPES[key])
                        for key, found in datasets.items()
                    }
                    for place in range(min(_BLOCK, len(images) - start)):
                        row = {key: values[place] for key, values in block.items()}
                        yield from self._step(start + place, images, row)
            except (OSError, RuntimeError) as error:
                raise CairnError(f"{self._path} is damaged: {error}") from error

    def _step(self, number: int, images: h5py.Dataset, row: dict[str, Any]) -> Iterator[Step]:
        stamp = float(row.get(keys.STAMP, number / self.info.rate))
        x, y = map(float, row[keys.POSITION][:2])
        pose = PlanarPose(x, y, float(row[keys.YAW]))
        if not np.isfinite((stamp, *pose)).all():
            self.tally.dropped[DropReason.INVALID_ODOMETRY] += 1
            return
        try:
            picture = _picture(images[number])
        except PictureError:
            self.tally.dropped[DropReason.CORRUPT_IMAGE] += 1
            return
        yield Step(
            stamp,
            picture,
            pose,
            velocity=_twist(row, keys.LINEAR_VELOCITY, keys.ANGULAR_VELOCITY),
            command=_twist(row, keys.COMMAND_LINEAR, keys.COMMAND_ANGULAR),
            collision=_collision(row),
            imu=_imu(row),
            gps=_gps(row),
            lidar=_lidar(row),
        )


def _opened(path: Path) -> h5py.File:
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise CairnError(f"{path} is no HDF5 file that can be read: {error}") from error


def _datasets(file: h5py.File, path: Path) -> dict[str, h5py.Dataset]:
    """Those of a step, by key; others than the required ones are left out where their shape is unknown."""
    found = {}
    for key in (keys.IMAGE, *keys.SHAPES):
        dataset = _dataset(file, key, path)
        if dataset is not None:
            found[key] = dataset
        elif key in keys.REQUIRED:
            raise CairnError(f"{path} has no {key}; expected {', '.join(keys.REQUIRED)}")
    shape = found[keys.IMAGE].shape
    if shape is None or len(shape) != 1 or not 0 < shape[0] <= _LONGEST:
        raise CairnError(f"{path}: expected {keys.IMAGE} of shape (T,), one JPEG a step, got {shape}")
    for key, expected in keys.SHAPES.items():
        if key in found and not _fits(found[key], (shape[0], *expected)):
            dataset = found.pop(key)
            if key in keys.REQUIRED:
                raise CairnError(
                    f"{path}: expected {key} of shape {(shape[0], *expected)} and numbers, "
                    f"got {dataset.shape} {dataset.dtype}"
                )
    return found


def _fits(dataset: h5py.Dataset, expected: tuple[int, ...]) -> bool:
    """Numbers of the shape; one number a step may also be a column, (T, 1)."""
    shapes = (expected, (*expected, 1)) if len(expected) == 1 else (expected,)
    return dataset.shape in shapes and dataset.dtype.kind in "biuf"


def _names(file: h5py.File) -> set[str]:
    """Keys of all datasets; links to elsewhere are not followed."""
    names: set[str] = set()
    file.visititems(lambda name, item: names.add(name) if isinstance(item, h5py.Dataset) else None)
    return names


def _dataset(file: h5py.File, key: str, path: Path) -> h5py.Dataset | None:
    """The dataset of a key; None without.  Raises CairnError for one that lies outside of the file."""
    place: Any = file
    for part in key.split("/"):
        if not isinstance(place, h5py.Group):
            return None
        link = place.get(part, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise CairnError(f"{path}: {key} is a {type(link).__name__}; links are not followed")
        place = place[part]
    if not isinstance(place, h5py.Dataset):
        raise CairnError(f"{path}: expected a dataset {key}, got a {type(place).__name__}")
    if place.external or place.is_virtual:
        raise CairnError(f"{path}: {key} keeps its data in other files; these are not followed")
    return place


def _picture(stored: Any) -> Picture:
    data = stored.tobytes() if isinstance(stored, (np.ndarray, np.void)) else stored
    if not isinstance(data, bytes) or len(data) > _LARGEST_IMAGE:
        raise PictureError(f"expected the bytes of a JPEG, got {type(stored).__name__}")
    return Picture.compressed(data)


def _twist(row: Mapping[str, Any], linear: str, angular: str) -> Twist | None:
    if linear not in row or angular not in row:
        return None
    twist = Twist(float(row[linear]), float(row[angular]))
    return twist if twist.is_finite else None


def _collision(row: Mapping[str, Any]) -> CollisionFlags | None:
    flags = {
        name: bool(row[f"{keys.COLLISION}/{name}"])
        for name in CollisionFlags._fields
        if f"{keys.COLLISION}/{name}" in row
    }
    return CollisionFlags(**flags) if flags else None


def _imu(row: Mapping[str, Any]) -> ImuReading | None:
    acceleration, rate = _triple(row, keys.ACCELERATION), _triple(row, keys.TURN_RATE)
    if acceleration is None or rate is None:
        return None
    bearing = float(row.get(keys.BEARING, np.nan))
    return ImuReading(
        acceleration, rate, _triple(row, keys.MAGNETOMETER), bearing if np.isfinite(bearing) else None
    )


def _gps(row: Mapping[str, Any]) -> GpsFix | None:
    if keys.GPS_PLACE not in row:
        return None
    latitude, longitude = map(float, row[keys.GPS_PLACE])
    if not np.isfinite((latitude, longitude)).all():
        return None
    return GpsFix(latitude, longitude, bool(row.get(keys.GPS_FIXED, True)))


def _lidar(row: Mapping[str, Any]) -> NDArray[np.float32] | None:
    ranges = row.get(keys.LIDAR)
    return None if ranges is None or np.isnan(ranges).all() else np.array(ranges, np.float32)


def _triple(row: Mapping[str, Any], key: str) -> tuple[float, float, float] | None:
    """Three finite numbers; None where there are none."""
    if key not in row or not np.isfinite(row[key]).all():
        return None
    x, y, z = map(float, row[key])
    return x, y, z
