"""HDF5 files as in the RECON release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from cairn.episodes.formats import recon_layout as keys
from cairn.episodes.formats.dataset_writer import DatasetWriter
from cairn.episodes.formats.jpeg import jpeg_of
from cairn.episodes.formats.recon_description import ATTRIBUTE, describe
from cairn.episodes.quality_gate import JudgedStep
from cairn.episodes.step import Step
from cairn.episodes.trajectory import TrajectoryInfo

_BLOCK = 64  # steps written at once


class ReconWriter(DatasetWriter):
    """Writes `<name>.hdf5` with the keys of the release, as far as the source knows them.

    A value that some steps lack is NaN there, and False where it is a flag.  Stamps, rate, camera, task and
    outcome are kept besides, where readers of the release pass over them.
    """

    def __init__(self, directory: Path, quality: int) -> None:
        self._directory = directory
        self._quality = quality
        self._file: h5py.File | None = None
        self._rows: list[dict[str, Any]] = []
        self._images: list[NDArray[np.uint8]] = []
        self._written = 0

    def begin(self, info: TrajectoryInfo, first: JudgedStep) -> None:
        self._file = h5py.File(self._directory / f"{info.name}.hdf5", "x")
        self._file.attrs[ATTRIBUTE] = describe(info)
        self._rows, self._images, self._written = [], [], 0

    def add(self, judged: JudgedStep) -> None:
        self._rows.append(_row(judged.step))
        self._images.append(np.frombuffer(jpeg_of(judged, self._quality), np.uint8))
        if len(self._rows) >= _BLOCK:
            self._flush()

    def end(self) -> None:
        assert self._file is not None
        self._flush()
        self._file.close()
        self._file = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _flush(self) -> None:
        assert self._file is not None
        start, self._written = self._written, self._written + len(self._rows)
        known = {key for key in keys.SHAPES if key in self._file} | {key for row in self._rows for key in row}
        for key in sorted(known):
            dataset = self._dataset(key)
            dataset.resize(self._written, axis=0)
            values = np.full((len(self._rows), *keys.SHAPES[key]), dataset.fillvalue, dataset.dtype)
            for place, row in enumerate(self._rows):
                if key in row:
                    values[place] = row[key]
            dataset[start:] = values
        images = self._dataset(keys.IMAGE)
        images.resize(self._written, axis=0)
        for place, image in enumerate(self._images, start):
            images[place] = image
        self._rows, self._images = [], []

    def _dataset(self, key: str) -> h5py.Dataset:
        """The dataset of a key; a new one holds as much as was written before, unknown."""
        assert self._file is not None
        if key in self._file:
            return self._file[key]
        if key == keys.IMAGE:
            kind = h5py.vlen_dtype(np.uint8)
            return self._file.create_dataset(key, (0,), kind, maxshape=(None,), chunks=(_BLOCK,))
        shape = keys.SHAPES[key]
        flag = key.startswith(keys.COLLISION) or key == keys.GPS_FIXED
        return self._file.create_dataset(
            key,
            (self._written, *shape),
            np.bool_ if flag else np.float32 if key == keys.LIDAR else np.float64,
            maxshape=(None, *shape),
            chunks=(_BLOCK, *shape),
            fillvalue=False if flag else np.nan,
        )


def _row(step: Step) -> dict[str, Any]:
    """Values by key; what is unknown is left out."""
    row: dict[str, Any] = {
        keys.STAMP: step.stamp,
        keys.POSITION: (step.pose.x, step.pose.y, 0.0),
        keys.YAW: step.pose.yaw,
    }
    if step.velocity is not None:
        row[keys.LINEAR_VELOCITY], row[keys.ANGULAR_VELOCITY] = step.velocity.linear, step.velocity.angular
    if step.command is not None:
        row[keys.COMMAND_LINEAR], row[keys.COMMAND_ANGULAR] = step.command.linear, step.command.angular
    if step.collision is not None:
        row |= {f"{keys.COLLISION}/{name}": flag for name, flag in step.collision._asdict().items()}
    if step.imu is not None:
        row[keys.ACCELERATION], row[keys.TURN_RATE] = step.imu.linear_acceleration, step.imu.angular_velocity
        if step.imu.magnetometer is not None:
            row[keys.MAGNETOMETER] = step.imu.magnetometer
        if step.imu.compass_bearing is not None:
            row[keys.BEARING] = step.imu.compass_bearing
    if step.gps is not None:
        row[keys.GPS_FIXED], row[keys.GPS_PLACE] = step.gps.fixed, (step.gps.latitude, step.gps.longitude)
    if step.lidar is not None:
        row[keys.LIDAR] = step.lidar
    return row
