"""Reads the calibration files of ROS's camera_calibration."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from cairn.hardware.camera_model import DISTORTION_MODELS, CameraModel
from cairn.hardware.errors import CairnError


def load_camera_model(path: Path) -> CameraModel:
    """The intrinsics in a YAML file as `camera_calibration` and `camera_info_manager` write it.

    Raises CairnError when it can't be read or isn't one, or describes no camera that there can be.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CairnError(f"expected a camera calibration file, got {path}: {error}") from error
    if not isinstance(document, dict):
        raise CairnError(f"{path}: expected a mapping with image_width, camera_matrix, …, got {document!r}")
    matrix = _numbers(path, document, "camera_matrix", 9)
    if (matrix[1], matrix[3], *matrix[6:]) != (0.0, 0.0, 0.0, 0.0, 1.0):
        raise CairnError(f"{path}: camera_matrix must be fx 0 cx, 0 fy cy, 0 0 1, got {matrix}")
    name = document.get("distortion_model", "plumb_bob")
    if name not in DISTORTION_MODELS:
        raise CairnError(f"{path}: distortion_model {name!r} is unknown; valid: {sorted(DISTORTION_MODELS)}")
    distortion = _numbers(path, document, "distortion_coefficients", DISTORTION_MODELS[name])
    try:
        model = CameraModel(
            width=_size(path, document, "image_width"),
            height=_size(path, document, "image_height"),
            fx=matrix[0],
            fy=matrix[4],
            cx=matrix[2],
            cy=matrix[5],
            distortion_model=name,
            distortion=distortion,
        )
    except CairnError as error:
        raise CairnError(f"{path}: {error}") from error
    if not (0 < model.cx < model.width and 0 < model.cy < model.height):
        raise CairnError(
            f"{path}: the principal point must lie in the image of {model.width}x{model.height} pixels, "
            f"got ({model.cx:g}, {model.cy:g})"
        )
    return model


def _size(path: Path, document: dict[str, Any], key: str) -> int:
    value = document.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise CairnError(f"{path}: {key} must be a whole number of pixels, got {value!r}")
    return value


def _numbers(path: Path, document: dict[str, Any], key: str, length: int) -> tuple[float, ...]:
    entry = document.get(key)
    data = entry.get("data") if isinstance(entry, dict) else None
    if (
        not isinstance(data, list)
        or len(data) != length
        or not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in data)
        or not all(map(isfinite, data))
    ):
        raise CairnError(f"{path}: {key}.data must be {length} finite numbers, got {data!r}")
    return tuple(float(number) for number in data)
