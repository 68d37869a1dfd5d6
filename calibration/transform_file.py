"""A calibrated transform with its error, as a file and as arguments of a static tf."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cairn.calibration.calibration_error import CalibrationError


@dataclass(frozen=True, eq=False)
class CalibratedTransform:
    """Where a frame is in another.

    Attributes:
        parent, child: names of frames (REP-105).
        pose: of the child in the parent, shape (4, 4) [m].
        half_widths: of the 95 % intervals of a small turn [rad] and shift [m] along the parent's axes, (6,).
        details: what else is known.
    """

    parent: str
    child: str
    pose: NDArray[np.float64]
    half_widths: NDArray[np.float64]
    details: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """As plain types."""
        x, y, z = self.pose[:3, 3].tolist()
        qx, qy, qz, qw = Rotation.from_matrix(self.pose[:3, :3]).as_quat().tolist()
        turn, way = np.degrees(self.half_widths[:3]).tolist(), (1000 * self.half_widths[3:]).tolist()
        return {
            "parent": self.parent,
            "child": self.child,
            "translation": {"x": x, "y": y, "z": z},
            "rotation": {"x": qx, "y": qy, "z": qz, "w": qw},
            "interval_95": {
                "translation_mm": [round(one, 3) for one in way],
                "rotation_deg": [round(one, 4) for one in turn],
            },
            "calibration": self.details,
        }


def read_transform(path: Path) -> CalibratedTransform:
    """Raises CalibrationError for anything but a file of `CalibratedTransform.document`."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        place, turn = document["translation"], document["rotation"]
        numbers = [float(place[axis]) for axis in "xyz"] + [float(turn[axis]) for axis in "xyzw"]
        interval = document["interval_95"]
        halves = [*np.radians(interval["rotation_deg"]), *(np.array(interval["translation_mm"]) / 1000)]
        parent, child = str(document["parent"]), str(document["child"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise CalibrationError(f"{path} is no calibrated transform: {error!r}") from error
    norm = np.linalg.norm(numbers[3:])
    if not (np.isfinite([*numbers, *halves]).all() and len(halves) == 6 and abs(norm - 1) < 1e-3):
        raise CalibrationError(f"{path}: expected finite numbers and a unit quaternion, got {numbers}")
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_quat(numbers[3:]).as_matrix()
    pose[:3, 3] = numbers[:3]
    return CalibratedTransform(parent, child, pose, np.array(halves), document.get("calibration") or {})
