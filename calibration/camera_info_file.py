"""Writes intrinsics as ROS's tools read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cairn.calibration.calibration_error import CalibrationError
from cairn.hardware.camera_model import CameraModel


def camera_info_document(
    camera: CameraModel, name: str, details: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The YAML document of `camera_calibration` and `camera_info_manager`.

    Args:
        camera: the intrinsics.
        name: of the camera.
        details: what else is known, under the key `calibration`, which ROS's readers pass over.
    """
    document: dict[str, Any] = {
        "image_width": camera.width,
        "image_height": camera.height,
        "camera_name": name,
        "camera_matrix": _matrix(3, 3, [camera.fx, 0, camera.cx, 0, camera.fy, camera.cy, 0, 0, 1]),
        "distortion_model": camera.distortion_model,
        "distortion_coefficients": _matrix(1, len(camera.distortion), list(camera.distortion)),
        "rectification_matrix": _matrix(3, 3, [1, 0, 0, 0, 1, 0, 0, 0, 1]),
        "projection_matrix": _matrix(
            3, 4, [camera.fx, 0, camera.cx, 0, 0, camera.fy, camera.cy, 0, 0, 0, 1, 0]
        ),
    }
    return document | ({"calibration": details} if details else {})


def write_yaml(path: Path, document: dict[str, Any]) -> None:
    """Write a document beside `path` and rename.  Raises CalibrationError when it can't be written."""
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(yaml.safe_dump(document, sort_keys=False, default_flow_style=None), "utf-8")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CalibrationError(f"{path} can't be written: {error.strerror}") from error


def _matrix(rows: int, columns: int, values: list[float]) -> dict[str, Any]:
    return {"rows": rows, "cols": columns, "data": [float(value) for value in values]}
