"""Keeps a good hand-eye transform, and only that."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.camera_info_file import write_yaml
from cairn.calibration.hand_eye.hand_eye_calibration import HandEyeCalibration
from cairn.calibration.transform_file import CalibratedTransform


def save_hand_eye(path: Path, parent: str, child: str, result: HandEyeCalibration) -> None:
    """Write the camera's pose in its parent frame with its error.

    Raises CalibrationError for a calibration with problems; whatever was at `path` stays then.
    """
    if result.problems:
        raise CalibrationError("not saved: " + "; ".join(result.problems))
    write_yaml(
        path,
        CalibratedTransform(parent, child, result.eye, result.half_widths, details(result)).document(),
    )


def details(result: HandEyeCalibration) -> dict[str, Any]:
    """What is known of the errors, in plain types."""
    return {
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "kind": "eye-in-hand" if result.in_hand else "eye-to-hand",
        "error_mm": round(result.way * 1000, 3),
        "error_deg": round(result.turn, 4),
        "held_out_mm": round(result.held_out_way * 1000, 3),
        "held_out_deg": round(result.held_out_turn, 4),
        "arm_noise_mm": round(result.arm_way * 1000, 3),
        "arm_noise_deg": round(result.arm_turn, 4),
        "poses": len(result.stations) - len(result.outliers),
        "outliers": [one.station.name for one in result.outliers],
        "rotation_spread_deg": [round(one, 1) for one in result.spread],
        "solvers": {
            one.name: {"mm": round(one.way * 1000, 3), "deg": round(one.turn, 4)} for one in result.solvers
        },
    }
