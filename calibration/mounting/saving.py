"""Keeps a good mounting, and only that."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.camera_info_file import write_yaml
from cairn.calibration.mounting.mounting_calibration import MountingCalibration
from cairn.calibration.transform_file import CalibratedTransform


def save_mounting(path: Path, parent: str, child: str, result: MountingCalibration) -> None:
    """Write the camera's pose in its parent frame with its error.

    Raises CalibrationError for a calibration with problems; whatever was at `path` stays then.
    """
    if result.problems:
        raise CalibrationError("not saved: " + "; ".join(result.problems))
    transform = CalibratedTransform(parent, child, result.eye, result.half_widths, details(result))
    write_yaml(path, transform.document())


def details(result: MountingCalibration) -> dict[str, Any]:
    """What is known of the errors, in plain types."""
    return {
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "kind": "mounting from a board",
        "places": len(result.stations),
        "error_mm": round(1000 * float(np.linalg.norm(result.half_widths[3:])), 3),
        "error_deg": round(float(np.degrees(np.linalg.norm(result.half_widths[:3]))), 4),
        "height_m": [round(result.height.value, 5), round(result.height.half_width, 5)],
        "pitch_deg": [round(result.pitch.value, 4), round(result.pitch.half_width, 4)],
        "roll_deg": [round(result.roll.value, 4), round(result.roll.half_width, 4)],
    }
