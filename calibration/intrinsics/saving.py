"""Keeps good intrinsics, and only those."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from cairn.calibration.board.board import Board
from cairn.calibration.calibration_error import CalibrationError
from cairn.calibration.camera_info_file import camera_info_document, write_yaml
from cairn.calibration.intrinsics.intrinsic_calibration import IntrinsicCalibration
from cairn.hardware.camera_model import CameraModel


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
        "covariance": [float(f"{one:.6g}") for one in result.covariance.ravel()],
    }


def told_error(path: Path) -> float | None:
    """The error on held-out views [pixels] in a file of `save_intrinsics`; None where another tool wrote it.

    Raises CalibrationError when it is there and can't be one.
    """
    told = _details_in(path).get("held_out_pixels")
    if told is None:
        return None
    if not isinstance(told, (int, float)) or not 0 <= told < 1e3:
        raise CalibrationError(
            f"{path}: calibration.held_out_pixels must be a number of pixels, got {told!r}"
        )
    return float(told)


def lens_covariance(path: Path, camera: CameraModel) -> NDArray[np.float64] | None:
    """The covariance in a file of `save_intrinsics`, shape (4 + d, 4 + d); None where another tool wrote it.

    Raises CalibrationError when it is there and can't be one.
    """
    told = _details_in(path).get("covariance")
    if told is None:
        return None
    size = 4 + len(camera.distortion)
    try:
        covariance = np.array(told, np.float64).reshape(size, size)
    except (TypeError, ValueError) as error:
        raise CalibrationError(
            f"{path}: calibration.covariance must be {size * size} numbers: {error}"
        ) from error
    if not (np.isfinite(covariance).all() and (np.diag(covariance) >= 0).all()):
        raise CalibrationError(f"{path}: calibration.covariance must be finite, with variances from 0 up")
    return covariance


def _details_in(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CalibrationError(f"expected a camera calibration file, got {path}: {error}") from error
    found = document.get("calibration") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}
