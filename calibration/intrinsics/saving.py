"""Keeps good intrinsics, and only those."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cairn.calibration.board.board import Board
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.camera_info_file import camera_info_document, write_yaml
from cairn.calibration.intrinsics.intrinsic_calibration import IntrinsicCalibration


def save_intrinsics(path: Path, name: str, board: Board, result: IntrinsicCalibration) -> None:
    """Write the YAML that ROS's tools read, with the errors under `calibration`.

    Raises CalibrationError for a calibration with problems; whatever was at `path` stays then.
    """
    if result.problems:
        raise CalibrationError("not saved: " + "; ".join(result.problems))
    write_yaml(path, camera_info_document(result.camera, name, details(board, result)))


def details(board: Board, result: IntrinsicCalibration) -> dict[str, Any]:
    """What is known of the errors, in plain types."""
    return {
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "board": str(board),
        "lens": result.label,
        "rms_pixels": round(result.rms, 4),
        "held_out_pixels": round(result.held_out, 4),
        "views": len(result.views) - len(result.outliers),
        "outliers": [view.view.name for view in result.outliers],
        "coverage": round(result.coverage.share, 3),
        "interval_95": {
            name: float(f"{one.half_width:.4g}") for name, one in result.intervals.items() if one.half_width
        },
    }
