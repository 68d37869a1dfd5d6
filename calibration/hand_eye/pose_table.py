"""Poses of the hand beside a folder of images."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.calibration_error import CalibrationError

FILE = "poses.csv"
COLUMNS = ("image", "x", "y", "z", "qx", "qy", "qz", "qw")


def read_poses(folder: Path) -> dict[str, NDArray[np.float64]]:
    """Poses (4, 4) of the hand in the arm's base by the image's name, from `poses.csv`, in its order.

    Columns: image, x, y, z [m] and the quaternion qx, qy, qz, qw.  Raises CalibrationError for anything else.
    """
    path = folder / FILE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames is None or set(reader.fieldnames) != set(COLUMNS):
                raise CalibrationError(
                    f"{path}: expected the columns {', '.join(COLUMNS)}, got {reader.fieldnames}"
                )
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CalibrationError(
            f"expected the poses of the hand in {path}, a table with {', '.join(COLUMNS)}: {error}"
        ) from error
    return {row["image"]: _pose(path, row) for row in rows}


def write_poses(folder: Path, poses: dict[str, NDArray[np.float64]]) -> None:
    """The inverse of `read_poses`.  Raises CalibrationError when it can't be written."""
    lines = [",".join(COLUMNS)]
    for name, pose in poses.items():
        numbers = [*pose[:3, 3], *Rotation.from_matrix(pose[:3, :3]).as_quat()]
        lines.append(",".join([name, *(f"{number:.9f}" for number in numbers)]))
    try:
        (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise CalibrationError(f"{folder / FILE} can't be written: {error.strerror}") from error


def _pose(path: Path, row: dict[str, str]) -> NDArray[np.float64]:
    try:
        x, y, z, *quaternion = (float(row[name]) for name in COLUMNS[1:])
    except (TypeError, ValueError) as error:
        raise CalibrationError(f"{path}: {row.get('image')}: expected 7 numbers, got {row}") from error
    norm = float(np.linalg.norm(quaternion))
    if not (np.isfinite([x, y, z, norm]).all() and abs(norm - 1) < 0.01):
        raise CalibrationError(
            f"{path}: {row['image']}: expected a finite place and a unit quaternion, got {row}"
        )
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_quat(quaternion).as_matrix()
    pose[:3, 3] = x, y, z
    return pose
