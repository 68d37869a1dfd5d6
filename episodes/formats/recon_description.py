"""What Cairn notes in an HDF5 file besides the keys of the RECON release: a JSON object in an attribute."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py

from cairn.episodes.episode import Outcome
from cairn.episodes.trajectory import TrajectoryInfo
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError

ATTRIBUTE = "cairn"


def read_description(file: h5py.File, path: Path, rate: float, length: int) -> TrajectoryInfo:
    """What is known of a file of `length` steps; at `rate` [Hz] where it does not say.  Raises CairnError."""
    attributes = _attributes(file, path)
    try:
        camera = attributes.get("camera")
        if camera is not None:
            camera = CameraModel(**{**camera, "distortion": tuple(camera["distortion"])})
        return TrajectoryInfo(
            name=path.stem,
            rate=float(attributes.get("rate", rate)),
            source=path,
            camera=camera,
            task=str(attributes.get("task", "")),
            operator=str(attributes.get("operator", "")),
            outcome=Outcome(attributes.get("outcome", "unknown")),
            expected_steps=length,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CairnError(f"{path}: its attribute cairn describes no trajectory: {error}") from error


def _attributes(file: h5py.File, path: Path) -> dict[str, Any]:
    """Empty in files of others."""
    text = file.attrs.get(ATTRIBUTE, "{}")
    try:
        content = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise CairnError(f"{path}: expected JSON in its attribute cairn: {error}") from error
    if not isinstance(content, dict):
        raise CairnError(f"{path}: expected a JSON object in its attribute cairn")
    return content


def describe(info: TrajectoryInfo) -> str:
    """The attribute that `read_description` understands."""
    return json.dumps(
        {
            "rate": info.rate,
            "task": info.task,
            "operator": info.operator,
            "outcome": info.outcome.value,
            "camera": asdict(info.camera) if info.camera is not None else None,
        }
    )
